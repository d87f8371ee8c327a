//! The header of a table that nobody described: its words, and the column of our schema that each means.
//!
//! Only whole words that are known: a header that is not among them stays unknown and is told. The words of a
//! dimension are its name in the catalogue in both languages, and those below.

use crate::binding::{BoundColumn, Role, strict_role};
use crate::folded;
use crate::notes::{ReadingNote, Rule};
use crate::reading::Reading;
use crate::vocabulary::Vocabulary;
use leleka_domain::{Column, ColumnOrigin};

/// Words of headers, folded, by the word of our schema.
const WORDS: [(&str, &[&str]); 10] = [
    (
        "indicator",
        &[
            "показник",
            "код показника",
            "назва показника",
            "найменування показника",
            "indicator code",
            "indicator name",
        ],
    ),
    (
        "period",
        &[
            "період",
            "звітний період",
            "дата",
            "звітна дата",
            "станом на",
            "рік",
            "квартал",
            "місяць",
            "тиждень",
            "звітний тиждень",
            "time_period",
            "time period",
            "reporting period",
            "reference period",
            "time",
            "date",
            "year",
            "quarter",
            "month",
            "week",
        ],
    ),
    (
        "value",
        &[
            "значення",
            "кількість",
            "кількість осіб",
            "число",
            "усього осіб",
            "осіб",
            "разом осіб",
            "obs_value",
            "number",
            "count",
            "number of persons",
            "persons",
            "figure",
        ],
    ),
    (
        "obs_status",
        &[
            "статус",
            "статус спостереження",
            "статус значення",
            "status",
            "observation status",
        ],
    ),
    ("obs_flags", &["прапорці", "позначки", "flags", "flag"]),
    (
        "conf_status",
        &["конфіденційність", "confidentiality", "статус конфіденційності"],
    ),
    (
        "territory",
        &[
            "територія",
            "область",
            "регіон",
            "назва області",
            "назва регіону",
            "назва території",
            "адміністративна одиниця",
            "адміністративно-територіальна одиниця",
            "код території",
            "катоттг",
            "код катоттг",
            "коатуу",
            "код коатуу",
            "район",
            "громада",
            "oblast",
            "region",
            "ref_area",
            "geo",
            "location",
            "adm1",
            "p-code",
            "pcode",
            "katotth",
            "koatuu",
        ],
    ),
    (
        "citizenship",
        &[
            "громадянство",
            "країна",
            "країна громадянства",
            "країна походження",
            "держава",
            "держава громадянства",
            "country",
            "country of citizenship",
            "citizen",
            "nationality",
            "country of origin",
            "origin",
        ],
    ),
    ("sex", &["стать", "gender"]),
    (
        "age",
        &["вік", "вікова група", "вікові групи", "age group", "age band"],
    ),
];

/// A column of a table that nobody described.
pub(crate) fn lenient_column<'a>(column: Column<'_>, vocabulary: &Vocabulary<'_>) -> BoundColumn<'a> {
    let strict = strict_role(column, vocabulary);
    if strict != Role::Unknown {
        return BoundColumn::new(strict, Reading::LENIENT);
    }
    let key = folded(column.name);
    if key.is_empty() {
        // Nothing may stand under a column without a name.
        return BoundColumn::new(Role::Expect, Reading::LENIENT);
    }
    let Some(word) = schema_word(&key, vocabulary) else {
        return BoundColumn::new(Role::Unknown, Reading::LENIENT);
    };
    let origin = column.origin;
    let role = strict_role(Column { name: word, ..column }, vocabulary);
    let mut bound = BoundColumn::new(role, Reading::LENIENT);
    if let (ColumnOrigin::Header { line }, true) = (origin, role != Role::Unknown) {
        let note = ReadingNote::new(Rule::Header, column.name, word);
        bound.tally.add(vec![note], 0, line);
    }
    bound
}

/// The word of our schema that a folded header means.
fn schema_word<'v>(key: &str, vocabulary: &Vocabulary<'v>) -> Option<&'v str> {
    let listed = WORDS
        .iter()
        .find(|(word, words)| *word == key || words.contains(&key))
        .map(|(word, _)| *word);
    listed.or_else(|| {
        let mut dimensions = vocabulary.codebook.catalogue().dimensions.iter();
        let found = dimensions
            .find(|it| folded(&it.name_uk) == key || folded(&it.name_en) == key || folded(&it.code) == key);
        found.map(|dimension| dimension.code.as_str())
    })
}
