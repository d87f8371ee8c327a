//! Profiles that read several sheets, and columns that are known by their place.

use super::world::{codebook, profiled};
use crate::MappingProfile;

const SHEETS: &str = r#"{"code":"BY_SHEET","version":1,"body":"DMS","dataflow":"ASYLUM",
  "sheets":{"36-44":{"territory":"UA46000000000026241"},"45-53":{"territory":"UA"}},
  "constants":{"indicator":"ASY_APPL","citizenship":"SY","sex":"_T"},
  "columns":[{"name":"Month","as":"period","format":"month"},{"name":"Persons","as":"value"}]}"#;

fn by_sheet() -> MappingProfile {
    serde_json::from_str(SHEETS).unwrap()
}

#[test]
fn the_codes_of_the_named_sheet_join_the_constants() {
    let profile = by_sheet();
    assert_eq!(profile.check(&codebook()), Vec::new());
    let (sheet, own) = profile.for_sheet(Some(" 36-44 ")).unwrap();
    assert_eq!(sheet.as_deref(), Some("36-44"));
    assert_eq!(own.constants["territory"], "UA46000000000026241");
    assert_eq!(own.constants["indicator"], "ASY_APPL");
}

#[test]
fn a_sheet_that_is_not_listed_and_an_unnamed_one_of_several_are_not_read() {
    let profile = by_sheet();
    assert!(profile.for_sheet(Some("255-257")).is_none());
    assert!(profile.for_sheet(None).is_none());
}

#[test]
fn the_only_sheet_needs_no_name_and_without_a_list_any_is_read() {
    let mut profile = by_sheet();
    profile.sheets.remove("45-53");
    assert_eq!(profile.for_sheet(None).unwrap().0.as_deref(), Some("36-44"));
    profile.sheets.clear();
    assert_eq!(profile.for_sheet(None).unwrap().0, None);
    assert_eq!(profile.for_sheet(Some("x")).unwrap().0.as_deref(), Some("x"));
}

#[test]
fn a_sheet_with_a_code_that_does_not_exist_is_a_fault_of_the_profile() {
    let mut profile = by_sheet();
    let codes = profile.sheets.get_mut("36-44").unwrap();
    codes.insert("territory".to_owned(), "UA99".to_owned());
    assert_eq!(profile.check(&codebook()).len(), 1);
}

const BY_PLACE: &str = r#"{"code":"BY_PLACE","version":1,"body":"DMS","dataflow":"ASYLUM",
  "constants":{"indicator":"ASY_APPL","territory":"UA","sex":"_T"},
  "columns":[
    {"name":"","index":0,"as":"citizenship","labels":true},
    {"name":"Month","as":"period","format":"month"},
    {"name":"Persons","as":"value"},
    {"name":"","index":3,"as":"ignore","reason_uk":"назва","reason_en":"a name"}]}"#;

#[test]
fn columns_without_a_header_are_told_apart_by_their_place() {
    let told = profiled(BY_PLACE, ';', ";Month;Persons;\nSyria;2015-01;12;Syrie\n");
    assert_eq!(told.codes(), Vec::<String>::new());
    assert_eq!(told.rows.len(), 1);
    assert_eq!(told.rows[0].value, Some(12.0));
    let profile: MappingProfile = serde_json::from_str(BY_PLACE).unwrap();
    assert_eq!(profile.described_columns(), 4);
}
