//! The grammar of age codes: SDMX `CL_AGE` is not a list but a unit and a number or a range.
//!
//! Never decides whether bands fit each other. Eurostat writes the same codes with a hyphen.

/// Whether a text is a code of the SDMX age grammar: `Y15`, `Y15T64`, `Y_LT18`, `Y_GE65`, `M0T11`.
///
/// Units are years, months, weeks, days and hours; `_LT`, `_LE`, `_GE` and `_GT` open a range at one side.
#[must_use]
pub fn is_age_code(text: &str) -> bool {
    let Some(rest) = text.strip_prefix(['Y', 'M', 'W', 'D', 'H']) else {
        return false;
    };
    let open = ["_LT", "_LE", "_GE", "_GT"]
        .iter()
        .find_map(|side| rest.strip_prefix(side));
    if let Some(bound) = open {
        return number(bound).is_some();
    }
    match rest.split_once('T') {
        None => number(rest).is_some(),
        Some((low, high)) => matches!((number(low), number(high)), (Some(low), Some(high)) if low < high),
    }
}

/// The SDMX code behind Eurostat's way of writing a range, `Y15-64`.
#[must_use]
pub fn age_from_eurostat(text: &str) -> Option<String> {
    let (low, high) = text.split_once('-')?;
    let code = format!("{low}T{high}");
    is_age_code(&code).then_some(code)
}

/// The SDMX code behind an age band in words, folded: `14-17 років`, `до 18 років`, `65 і старше`, `65+`.
#[must_use]
pub fn age_from_words(text: &str) -> Option<String> {
    let plain = [
        "років",
        "роки",
        "року",
        "рік",
        "years old",
        "years",
        "year",
        "yrs",
    ]
    .iter()
    .find_map(|word| text.trim().strip_suffix(word))
    .unwrap_or(text)
    .trim();
    let below = ["до ", "менше ", "молодші ", "less than ", "under ", "below ", "<"];
    let above = [
        "+",
        " і старше",
        " та старше",
        " і старші",
        " та старші",
        " і більше",
        " та більше",
        " or over",
        " and over",
        " or more",
        " and older",
    ];
    let words = |text: &str| -> Option<u16> {
        let bare = ["років", "роки", "року", "years"]
            .iter()
            .find_map(|word| text.trim().strip_suffix(word));
        number(bare.unwrap_or(text).trim())
    };
    if let Some(bound) = below.iter().find_map(|word| plain.strip_prefix(word)) {
        return words(bound).map(|age| format!("Y_LT{age}"));
    }
    if let Some(bound) = above.iter().find_map(|word| plain.strip_suffix(word)) {
        return words(bound).map(|age| format!("Y_GE{age}"));
    }
    let plain = plain
        .strip_prefix("від ")
        .or(plain.strip_prefix("from "))
        .unwrap_or(plain);
    let (low, high) = plain
        .split_once('-')
        .or(plain.split_once(" до "))
        .or(plain.split_once(" to "))?;
    let code = format!("Y{}T{}", words(low)?, words(high)?);
    is_age_code(&code).then_some(code)
}

fn number(text: &str) -> Option<u16> {
    let plain = (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let padded = text.len() > 1 && text.starts_with('0');
    if plain && !padded { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grammar_takes_bands_and_nothing_that_only_looks_like_one() {
        for code in ["Y15", "Y0T4", "Y15T64", "Y_LT18", "Y_GE65", "M0T11", "D_LE28"] {
            assert!(is_age_code(code), "{code}");
        }
        for text in [
            "", "Y", "15", "Y64T15", "Y15T", "Y015", "Y15-64", "_T", "Y_LT", "X15", "Y1234", "Yя",
        ] {
            assert!(!is_age_code(text), "{text}");
        }
        assert_eq!(age_from_eurostat("Y15-64").as_deref(), Some("Y15T64"));
        for (text, code) in [
            ("14-17 років", Some("Y14T17")),
            ("до 18 років", Some("Y_LT18")),
            ("65 і старше", Some("Y_GE65")),
            ("65 років і старше", Some("Y_GE65")),
            ("65+", Some("Y_GE65")),
            ("від 18 до 34 років", Some("Y18T34")),
            ("less than 14 years", Some("Y_LT14")),
            ("дорослі", None),
            ("17-14", None),
        ] {
            assert_eq!(age_from_words(text).as_deref(), code, "{text}");
        }
        assert_eq!(age_from_eurostat("Y64-15"), None);
    }
}
