//! Workbooks whose sheets are alike and differ only in what their titles say: the mapping profile says it for each.

use leleka_domain::IdSource;
use leleka_testkit::{Response, TestApp, TestCaller};
use rust_xlsxwriter::Workbook;

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Two sheets of the form of a published table: population by sex and age, a sheet for each region and a town.
fn tables() -> Vec<u8> {
    let mut workbook = Workbook::new();
    for (name, persons) in [("36-44", 100), ("45-53", 200), ("255-257", 300)] {
        let sheet = workbook.add_worksheet().set_name(name).unwrap();
        sheet
            .write_row(3, 0, ["Вік  (років)", "Обидві статі", "Чоловіки", "Жінки"])
            .unwrap();
        sheet
            .write_row(4, 0, ["Age (years)", "Both sexes", "Males", "Females"])
            .unwrap();
        sheet
            .write(5, 0, "Сільське населення / Rural population")
            .unwrap();
        sheet.write(6, 0, "у тому числі / including").unwrap();
        sheet.write(7, 0, " 0–4").unwrap();
        sheet
            .write_row(7, 1, [persons, persons / 4, persons * 3 / 4])
            .unwrap();
    }
    workbook.save_to_buffer().unwrap()
}

fn send(sender: &TestCaller, sheet: &str, bytes: &[u8]) -> Response {
    let key = IdSource.next().to_string();
    let headers = [("content-type", XLSX), ("idempotency-key", key.as_str())];
    let path = format!("/v1/submissions?profile=SSSU_RESIDENT_SEX_AGE_2022{sheet}");
    sender.request("POST", &path, &headers, Some(bytes))
}

#[test]
fn each_sheet_is_read_with_the_codes_that_hold_for_it_and_no_other_sheet_is_read() {
    let app = TestApp::start();
    let office = app.submitter("SSSU");
    let bytes = tables();
    for sheet in ["", "&sheet=255-257"] {
        let refused = send(&office, sheet, &bytes).expect(422);
        let codes: Vec<String> = refused.findings().into_iter().map(|one| one.code).collect();
        assert!(
            codes.contains(&"file.sheet_not_described".to_owned()),
            "{codes:?}"
        );
    }
    for sheet in ["&sheet=36-44", "&sheet=45-53"] {
        let accepted = send(&office, sheet, &bytes).expect(201).json();
        assert_eq!(accepted["counts"]["observations"], 3);
        assert_eq!(accepted["ignored_by_reason"]["section"], 1);
        assert_eq!(accepted["ignored_by_reason"]["label_row"], 1);
    }
    let path = "/v1/observations?indicator=POP_RESIDENT&sex=F&format=csv";
    let table = office.get(path).expect(200).text();
    let rows: Vec<&str> = table.lines().skip(1).collect();
    assert_eq!(
        rows,
        [
            "POP_RESIDENT,A,2022,SSSU,UA05000000000010236,,F,Y0T4,RURAL,75,A,,F,persons",
            "POP_RESIDENT,A,2022,SSSU,UA07000000000024379,,F,Y0T4,RURAL,150,A,,F,persons",
        ]
    );
}
