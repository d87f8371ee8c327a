//! What holds for every table, not only for those that somebody thought of.

use super::world::{codebook, feed_csv, settings, tell};
use leleka_domain::RowFormat;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use std::collections::BTreeSet;

const HEADER: [&str; 8] = [
    "indicator",
    "period",
    "territory",
    "citizenship",
    "sex",
    "age",
    "value",
    "obs_status",
];

fn good_row() -> impl Strategy<Value = Vec<String>> {
    (
        select(vec!["2024-01", "2024-02", "2024-W05", "2023", "2024-01/2024-03"]),
        select(vec!["", "UA", "UA05000000000010236", "UA46000000000026241"]),
        select(vec!["", "_T", "SY", "STLS"]),
        select(vec!["", "M", "F", "_T"]),
        select(vec!["", "Y15T64", "Y_LT18", "_T"]),
        prop_oneof![
            (0_u64..1_000_000).prop_map(|value| value.to_string()),
            Just(String::new())
        ],
    )
        .prop_map(|(period, territory, citizenship, sex, age, value)| {
            let status = if value.is_empty() { "O" } else { "A" };
            [
                "ASY_APPL",
                period,
                territory,
                citizenship,
                sex,
                age,
                &value,
                status,
            ]
            .map(str::to_owned)
            .into()
        })
}

fn file(rows: &[Vec<String>]) -> String {
    let mut text = HEADER.join(",");
    for row in rows {
        text.push('\n');
        text.push_str(&row.join(","));
    }
    text
}

/// Every observation as text without its row number.
fn read(rows: &[Vec<String>]) -> (BTreeSet<String>, Vec<String>) {
    let codebook = codebook();
    let told = tell(settings(&codebook, RowFormat::Csv), None, |sink| {
        feed_csv(sink, &file(rows), ',')
    });
    let outcome = &told.outcome;
    let with_rows: BTreeSet<u32> = told.rows.iter().map(|row| row.row).collect();
    assert_eq!(
        outcome.rows,
        with_rows.len() as u64 + outcome.rows_refused + outcome.rows_ignored
    );
    let seen = told
        .rows
        .iter()
        .map(|row| format!("{:?}", (row.series, row.period_start, row.value, row.status)));
    (seen.collect(), told.codes())
}

fn without_repeated_keys(rows: Vec<Vec<String>>) -> Vec<Vec<String>> {
    let plain = |cell: &String, blank: &str| {
        if cell.is_empty() {
            blank.to_owned()
        } else {
            cell.clone()
        }
    };
    let mut keys = BTreeSet::new();
    rows.into_iter()
        .filter(|row| {
            let key: Vec<_> = row[1..6]
                .iter()
                .zip(["", "UA", "_T", "_T", "_T"])
                .map(|(cell, blank)| plain(cell, blank))
                .collect();
            keys.insert(key)
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_order_of_rows_does_not_matter(rows in prop::collection::vec(good_row(), 1..30), turn in any::<Index>()) {
        let rows = without_repeated_keys(rows);
        let mut other = rows.clone();
        other.rotate_left(turn.index(rows.len()));
        other.reverse();
        let (seen, said) = read(&rows);
        prop_assert_eq!(said, Vec::<String>::new());
        prop_assert_eq!(seen.len(), rows.len());
        prop_assert_eq!(read(&other).0, seen);
    }

    #[test]
    fn one_spoilt_cell_is_told_at_that_cell_only(
        rows in prop::collection::vec(good_row(), 1..12),
        row in any::<Index>(),
        column in 0_usize..8,
    ) {
        let mut rows = without_repeated_keys(rows);
        let row = row.index(rows.len());
        rows[row][column] = "\u{1}spoilt".to_owned();
        let (seen, said) = read(&rows);
        prop_assert_eq!(said, vec![format!("text.control_character@{}:{}", row + 1, HEADER[column])]);
        prop_assert_eq!(seen.len(), rows.len() - 1);
    }

    #[test]
    fn no_table_panics_and_rows_balance(
        rows in prop::collection::vec(prop::collection::vec("[ -+\\--~А-яі\u{0}\u{a0}]{0,8}", 0..9), 0..6),
    ) {
        read(&rows);
    }
}
