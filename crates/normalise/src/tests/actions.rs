//! Rows that say what they do: the column `action`.

use super::world::csv;

#[test]
fn a_row_that_deletes_needs_its_key_and_nothing_else() {
    let header = "action,indicator,period,sex,value";
    let told = csv(&format!(
        "{header}\nD,ASY_APPL,2026-01,F,\nM,ASY_APPL,2026-01,M,3\n,ASY_APPL,2026-01,_T,0\nD,ASY_APPL,2199-01,F,"
    ));
    assert_eq!(told.codes(), Vec::<String>::new());
    assert!(told.outcome.actions && told.outcome.deletes);
    let mut rows: Vec<_> = told
        .rows
        .iter()
        .map(|row| (row.row, row.retracts, row.value))
        .collect();
    rows.sort_by_key(|row| row.0);
    assert_eq!(
        rows,
        [
            (1, true, None),
            (2, false, Some(3.0)),
            (3, false, Some(0.0)),
            (4, true, None)
        ]
    );
    let faulty = csv(&format!(
        "{header}\nD,ASY_APPL,,F,\nD,ASY_APPL,2026-01,XX,\nd,ASY_APPL,2026-01,F,1"
    ));
    assert_eq!(
        faulty.codes(),
        [
            "field.missing@1:period",
            "code.unknown@2:sex",
            "action.unknown@3:action"
        ]
    );
    let plain = csv("indicator,period,value\nASY_APPL,2026-01,1");
    assert!(!plain.outcome.actions && !plain.outcome.deletes);
}
