//! Pairs of a text and its right reading, and what the readers make of them.
//!
//! Words in place of a reading: `AMBIGUOUS`, `ERROR`, `ASK`, `ZERO`, `NEEDS_CONTEXT`, `SKIP`, `SUBHEADER`, `HXL_ROW`,
//! `TOTAL`. Countries are written as ISO 3166-1 alpha-3, or by their code where they have none there.

use leleka_normalise::{
    CITIZENSHIP_LIST, Codebook, MissingMark, NumberRefusal, PeriodContext, PeriodRefusal, Resolution,
    RowLabel, TERRITORY_LIST, missing_mark, number_from_text, period_from_words, repaired, row_label,
};

/// What came of a file of pairs.
pub(crate) struct Outcome {
    /// How many pairs there are.
    pub(crate) pairs: usize,
    /// One line for each that was read otherwise.
    pub(crate) misses: Vec<String>,
}

/// Reads every pair.
pub(crate) fn outcome(text: &str, codebook: &Codebook) -> Result<Outcome, csv::Error> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let mut found = Outcome {
        pairs: 0,
        misses: Vec::new(),
    };
    for record in reader.records() {
        let record = record?;
        let cell = |index: usize| record.get(index).unwrap_or("");
        let (kind, raw, expected) = (cell(0), cell(1).replace("\\n", "\n"), cell(2));
        if kind == "kind" && raw == "raw" {
            continue;
        }
        found.pairs += 1;
        match reading(kind, &raw, codebook) {
            None => found.misses.push(format!("the kind {kind:?} is not known")),
            Some(read) if is_same(kind, &read, expected) => {}
            Some(read) => found
                .misses
                .push(format!("{kind} {raw:?}: expected {expected}, read {read}")),
        }
    }
    Ok(found)
}

/// Numbers are compared as numbers: 12300 and 12300.0 are one.
fn is_same(kind: &str, read: &str, expected: &str) -> bool {
    let number = |text: &str| {
        text.parse::<f64>()
            .ok()
            .filter(|_| kind == "number")
            .map(f64::to_bits)
    };
    read == expected || number(read).is_some_and(|one| Some(one) == number(expected))
}

/// What a text of a kind is read as; `None` for a kind that is not known.
pub(crate) fn reading(kind: &str, raw: &str, codebook: &Codebook) -> Option<String> {
    Some(match kind {
        "number" => match number_from_text(raw) {
            Ok(read) => read.canonical,
            Err(NumberRefusal::Ambiguous(_)) => "AMBIGUOUS".to_owned(),
            Err(NumberRefusal::NotNumber) => "ERROR".to_owned(),
        },
        "missing" => match missing_mark(raw) {
            Some(MissingMark::Empty) => "ASK".to_owned(),
            Some(MissingMark::Zero) => "ZERO".to_owned(),
            Some(MissingMark::Status(status)) => status.letter().to_owned(),
            None => "ERROR".to_owned(),
        },
        "period" => period(raw),
        "country" => name(CITIZENSHIP_LIST, raw, codebook),
        "territory" => name(TERRITORY_LIST, raw, codebook),
        "row" => label(raw).unwrap_or("DATA").to_owned(),
        "text" => repaired(raw).text,
        _ => return None,
    })
}

fn period(raw: &str) -> String {
    match period_from_words(raw, PeriodContext::default()) {
        Ok(read) => {
            let periods: Vec<String> = read.periods.iter().map(ToString::to_string).collect();
            periods.join("|")
        }
        Err(PeriodRefusal::NeedsContext) => "NEEDS_CONTEXT".to_owned(),
        Err(PeriodRefusal::Ambiguous(_)) => "AMBIGUOUS".to_owned(),
        Err(PeriodRefusal::Fault(_)) => "ERROR".to_owned(),
    }
}

fn name(list: &str, raw: &str, codebook: &Codebook) -> String {
    match codebook.read_name(list, raw, None).resolution {
        Resolution::One { code } if list == CITIZENSHIP_LIST => in_alpha3(codebook, code),
        Resolution::One { code } => code,
        Resolution::Ambiguous { .. } => "AMBIGUOUS".to_owned(),
        Resolution::Unknown { .. } => label(raw).unwrap_or("ERROR").to_owned(),
    }
}

fn in_alpha3(codebook: &Codebook, code: String) -> String {
    let entry = codebook.code(CITIZENSHIP_LIST, &code);
    let alpha3 = entry.and_then(|entry| entry.other_codes.get("alpha3").cloned());
    match alpha3 {
        Some(alpha3) => alpha3,
        None if code == "_T" => "TOTAL".to_owned(),
        None => code,
    }
}

fn label(raw: &str) -> Option<&'static str> {
    Some(match row_label(raw)? {
        RowLabel::Subheader => "SUBHEADER",
        RowLabel::Skip => "SKIP",
        RowLabel::HxlTags => "HXL_ROW",
        RowLabel::Total => "TOTAL",
    })
}
