//! The places of the demonstration: regions, border sections, citizenships, with invented weights.
//!
//! Codes are those of the catalogue. Populations are rounded from the official estimate for 1 January 2022;
//! everything else is invented.

/// A region, and how much of everything happens there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Region {
    /// KATOTTH code.
    pub(super) code: &'static str,
    /// Present population, thousands.
    pub(super) population: f64,
    /// Internally displaced persons for each 1000 inhabitants.
    pub(super) displaced: f64,
    /// Share of foreigners found without a right to stay, in per cent.
    pub(super) foreigners: f64,
    /// Share of return decisions that are carried out.
    pub(super) effect: f64,
    /// Whether anything can be counted there.
    pub(super) reports: bool,
}

const fn region(code: &'static str, population: f64, displaced: f64, foreigners: f64, effect: f64) -> Region {
    Region {
        code,
        population,
        displaced,
        foreigners,
        effect,
        reports: true,
    }
}

const fn occupied(code: &'static str) -> Region {
    Region {
        code,
        population: 0.0,
        displaced: 0.0,
        foreigners: 0.0,
        effect: 0.0,
        reports: false,
    }
}

/// The 27 regions. Two are occupied since 2014: there the figures exist, but are not collected.
pub(super) const REGIONS: [Region; 27] = [
    occupied("UA01000000000013043"),
    region("UA05000000000010236", 1_510.0, 105.0, 2.6, 0.81),
    region("UA07000000000024379", 1_021.0, 58.0, 2.1, 0.88),
    region("UA12000000000090473", 3_097.0, 148.0, 8.0, 0.72),
    region("UA14000000000091971", 4_059.0, 110.0, 2.0, 0.45),
    region("UA18000000000041385", 1_179.0, 72.0, 1.8, 0.79),
    region("UA21000000000011690", 1_245.0, 96.0, 4.5, 0.90),
    region("UA23000000000064947", 1_639.0, 131.0, 3.0, 0.58),
    region("UA26000000000069363", 1_352.0, 84.0, 2.2, 0.86),
    region("UA32000000000030281", 1_795.0, 155.0, 6.0, 0.69),
    region("UA35000000000016081", 904.0, 101.0, 1.7, 0.83),
    region("UA44000000000018893", 2_103.0, 12.0, 0.8, 0.30),
    region("UA46000000000026241", 2_478.0, 88.0, 7.5, 0.77),
    region("UA48000000000039575", 1_092.0, 117.0, 3.1, 0.74),
    region("UA51000000000030770", 2_351.0, 90.0, 12.0, 0.66),
    region("UA53000000000028050", 1_352.0, 126.0, 2.7, 0.84),
    region("UA56000000000066151", 1_142.0, 49.0, 1.6, 0.92),
    region("UA59000000000057109", 1_036.0, 121.0, 2.0, 0.71),
    region("UA61000000000060328", 1_022.0, 66.0, 1.5, 0.89),
    region("UA63000000000041885", 2_599.0, 182.0, 8.2, 0.52),
    region("UA65000000000030969", 1_002.0, 43.0, 1.0, 0.41),
    region("UA68000000000099709", 1_229.0, 93.0, 1.9, 0.87),
    region("UA71000000000010357", 1_161.0, 109.0, 2.1, 0.82),
    region("UA73000000000044923", 891.0, 97.0, 2.4, 0.85),
    region("UA74000000000025378", 959.0, 87.0, 1.6, 0.78),
    region("UA80000000000093317", 2_952.0, 134.0, 20.0, 0.63),
    occupied("UA85000000000065278"),
];

/// The region whose territorial office takes part.
pub(super) const OFFICE_REGION: &str = "UA46000000000026241";

/// Border sections with their share of admitted persons and of detections outside crossing points.
pub(super) const SECTIONS: [(&str, f64, f64); 11] = [
    ("AIR", 0.0, 0.0),
    ("BY", 0.001, 0.008),
    ("HU", 0.13, 0.12),
    ("MD", 0.11, 0.27),
    ("MD_TN", 0.0, 0.06),
    ("PL", 0.52, 0.07),
    ("RO", 0.15, 0.38),
    ("RU", 0.0, 0.002),
    ("SEA", 0.001, 0.01),
    ("SK", 0.088, 0.08),
    ("TOT", 0.0, 0.0),
];

/// Citizenships of persons found without a right to stay, and of those who ask for protection.
pub(super) const FOREIGNERS: &[(&str, f64)] = &[
    ("RU", 0.17),
    ("AZ", 0.13),
    ("UZ", 0.12),
    ("MD", 0.11),
    ("BD", 0.09),
    ("GE", 0.08),
    ("AM", 0.06),
    ("TR", 0.05),
    ("PK", 0.05),
    ("BY", 0.04),
    ("OTH", 0.10),
];
pub(super) const APPLICANTS: &[(&str, f64)] = &[
    ("RU", 0.24),
    ("BY", 0.20),
    ("AF", 0.14),
    ("SY", 0.10),
    ("TJ", 0.09),
    ("UZ", 0.07),
    ("STLS", 0.05),
    ("OTH", 0.11),
];
/// Citizenships at crossing points.
pub(super) const TRAVELLERS: &[(&str, f64)] = &[
    ("UA", 0.83),
    ("MD", 0.06),
    ("PL", 0.03),
    ("RO", 0.03),
    ("HU", 0.01),
    ("DE", 0.01),
    ("TR", 0.01),
    ("OTH", 0.02),
];
/// Citizenships of students and workers.
pub(super) const NEWCOMERS: &[(&str, f64)] = &[
    ("TR", 0.22),
    ("IN", 0.18),
    ("AZ", 0.15),
    ("BD", 0.14),
    ("CN", 0.09),
    ("MA", 0.07),
    ("OTH", 0.15),
];

/// States of the EU with their share of what Eurostat reports; the rest goes into the total.
pub(super) const EU_STATES: [(&str, f64); 5] = [
    ("DE", 0.30),
    ("FR", 0.17),
    ("PL", 0.12),
    ("IT", 0.11),
    ("IE", 0.06),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_all_regions_once() {
        let mut codes: Vec<_> = REGIONS.iter().map(|region| region.code).collect();
        codes.dedup();
        assert_eq!(codes.len(), 27);
        assert!(codes.is_sorted());
        let foreigners: f64 = REGIONS.iter().map(|region| region.foreigners).sum();
        assert!((foreigners - 100.0).abs() < 5.0, "{foreigners}");
    }
}
