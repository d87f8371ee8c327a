//! Delivering what other programs save: workbooks, statistics files, compressed bodies, files of unknown dialect.

use crate::api::deliveries::{csv_lines, told};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use leleka_domain::IdSource;
use leleka_testkit::{Response, TestApp, TestCaller};
use rust_xlsxwriter::{Formula, Workbook};
use sha2::{Digest, Sha256};
use std::io::Write;
use std::sync::OnceLock;

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const SDMX: &str = "application/vnd.sdmx.data+csv";

/// One centre for all: every story has weeks of its own.
struct Desk {
    _app: TestApp,
    dms: TestCaller,
}

fn dms() -> &'static TestCaller {
    static DESK: OnceLock<Desk> = OnceLock::new();
    let desk = DESK.get_or_init(|| {
        let app = TestApp::start();
        let dms = app.submitter("DMS");
        Desk { _app: app, dms }
    });
    &desk.dms
}

fn send(path: &str, headers: &[(&str, &str)], body: &[u8]) -> Response {
    let key = IdSource.next().to_string();
    let mut all = vec![("idempotency-key", key.as_str())];
    all.extend_from_slice(headers);
    dms().request("POST", path, &all, Some(body))
}

fn submit(query: &str, content_type: &str, body: &[u8]) -> Response {
    send(
        &format!("/v1/submissions{query}"),
        &[("content-type", content_type)],
        body,
    )
}

fn stored(period: &str) -> Vec<String> {
    let path = format!("/v1/observations?indicator=ASY_APPL&from={period}&to={period}&format=csv");
    let lines = csv_lines(&dms().get(&path).expect(200));
    let short = |line: String| line.split(',').skip(4).take(7).collect::<Vec<_>>().join(",");
    lines.into_iter().map(short).collect()
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn digest(bytes: &[u8]) -> String {
    format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(bytes)))
}

#[test]
fn a_workbook_is_stored_like_any_other_submission() {
    let mut workbook = Workbook::new();
    workbook
        .add_worksheet()
        .set_name("Про дані")
        .unwrap()
        .set_hidden(true);
    let sheet = workbook.add_worksheet().set_name("Тиждень").unwrap();
    sheet
        .write_row(
            2,
            0,
            ["indicator", "period", "citizenship", "value", "obs_status"],
        )
        .unwrap();
    sheet.write_row(3, 0, ["ASY_APPL", "2022-W01", "SY"]).unwrap();
    sheet.write(3, 3, 1204).unwrap();
    sheet.write_row(5, 0, ["ASY_APPL", "2022-W01", "AF"]).unwrap();
    sheet
        .write_formula(5, 3, Formula::new("=2+3").set_result("5"))
        .unwrap();
    sheet.write(5, 4, "P").unwrap();
    workbook.worksheet_from_index(1).unwrap().set_active(true);
    let bytes = workbook.save_to_buffer().unwrap();
    let query = "?dataflow=ASYLUM_WEEKLY&sheet=%D1%82%D0%B8%D0%B6%D0%B4%D0%B5%D0%BD%D1%8C";
    let answer = submit(query, XLSX, &bytes).expect(201);
    assert_eq!(answer.json()["counts"]["new"], 2);
    assert_eq!(told(&answer), ["cell.formula_read -:- -"]);
    assert_eq!(
        stored("2022-W01"),
        ["UA,AF,_T,_T,_T,5,P", "UA,SY,_T,_T,_T,1204,A"]
    );
    let content = format!(
        "/v1/submissions/{}/content",
        answer.json()["id"].as_str().unwrap()
    );
    assert_eq!(dms().get(&content).expect(200).header("content-type"), Some(XLSX));
}

#[test]
fn every_fault_of_a_workbook_is_told_at_its_row_of_the_sheet() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet
        .write_row(0, 0, ["indicator", "period", "citizenship", "value"])
        .unwrap();
    sheet.write_row(1, 0, ["ASY_APPL", "2022-W02", "XX"]).unwrap();
    sheet.write(1, 3, 1).unwrap();
    sheet
        .write_row(3, 0, ["ASY_APPL", "2022-W02", "SY", "#N/A"])
        .unwrap();
    let week = rust_xlsxwriter::Format::new().set_num_format("dd.mm.yyyy");
    let date = rust_xlsxwriter::ExcelDateTime::from_ymd(2022, 1, 10).unwrap();
    sheet.write(4, 0, "ASY_APPL").unwrap();
    sheet.write_with_format(4, 1, date, &week).unwrap();
    sheet.write(4, 3, 7.5).unwrap();
    let bytes = workbook.save_to_buffer().unwrap();
    let answer = submit("?dataflow=ASYLUM_WEEKLY", XLSX, &bytes).expect(422);
    let told = told(&answer);
    assert!(
        told.contains(&"code.unknown 1:2 citizenship".to_owned()),
        "{told:?}"
    );
    assert!(
        told.contains(&"value.not_number 2:4 value".to_owned()),
        "{told:?}"
    );
    // A date is a day, and this indicator is agreed by week.
    assert!(
        told.contains(&"indicator.not_agreed 3:5 indicator".to_owned()),
        "{told:?}"
    );
}

#[test]
fn a_file_that_is_no_workbook_says_what_to_do() {
    for (bytes, code) in [
        (
            b"<html><table><tr><td>1</td></tr></table>".as_slice(),
            "file.html_workbook",
        ),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "file.legacy_workbook"),
        (b"PK\x03\x04 cut", "file.damaged"),
    ] {
        let answer = submit("?dataflow=ASYLUM_WEEKLY", XLSX, bytes).expect(422);
        assert_eq!(told(&answer), [format!("{code} -:- -")]);
    }
}

/// A package whose one sheet becomes a hundred times larger and more.
fn zip_bomb() -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for row in 0..200 {
        sheet.write(row, 0, "0".repeat(32_000)).unwrap();
        sheet
            .write(row, 1, format!("{}{row}", "0".repeat(32_000)))
            .unwrap();
    }
    workbook.save_to_buffer().unwrap()
}

#[test]
fn a_workbook_made_to_fill_memory_is_a_finding() {
    let bomb = zip_bomb();
    assert!(bomb.len() < 200_000, "{}", bomb.len());
    let answer = submit("?dataflow=ASYLUM_WEEKLY", XLSX, &bomb).expect(422);
    assert_eq!(told(&answer), ["file.inflates_too_much -:- -"]);
}

#[test]
fn statistics_files_of_both_versions_name_their_own_dataflow() {
    let old = "DATAFLOW,FREQ,INDICATOR,REF_AREA,CITIZENSHIP,SEX,AGE,APPLICANT_TYPE,TIME_PERIOD,OBS_VALUE,OBS_STATUS,UNIT_MEASURE\r\n\
               LELEKA:ASYLUM_WEEKLY(1.0.0),W,ASY_APPL,UA,AF,_T,_T,_T,2022-W11,14,A,PS\r\n\
               LELEKA:ASYLUM_WEEKLY(1.0.0),W,ASY_APPL,UA,SY,_T,_T,_T,2022-W11,NaN,Q,PS\r\n";
    let answer = submit("", &format!("{SDMX};version=1.0.0"), old.as_bytes()).expect(201);
    assert_eq!(answer.json()["dataflow"], "ASYLUM_WEEKLY");
    assert_eq!(stored("2022-W11"), ["UA,AF,_T,_T,_T,14,A", "UA,SY,_T,_T,_T,,Q"]);
    let new = "STRUCTURE;STRUCTURE_ID;ACTION;INDICATOR;CITIZENSHIP;TIME_PERIOD;OBS_VALUE\n\
               dataprovision;LELEKA:PA_ASYLUM_WEEKLY_DMS(1.0.0);I;ASY_APPL;AF: Afghanistan;2022-W12;3\n\
               dataprovision;LELEKA:PA_ASYLUM_WEEKLY_DMS(1.0.0);R;ASY_APPL;SY: Syria;2022-W12;4\n";
    let labels = new.replace("INDICATOR;", "INDICATOR: Indicator;");
    let answer = submit(
        "",
        &format!("{SDMX};version=2.0.0;labels=both"),
        labels.as_bytes(),
    )
    .expect(201);
    assert_eq!(answer.json()["dataflow"], "ASYLUM_WEEKLY");
    assert_eq!(stored("2022-W12"), ["UA,AF,_T,_T,_T,3,A", "UA,SY,_T,_T,_T,4,A"]);
}

#[test]
fn a_statistics_file_says_nothing_that_is_passed_over_silently() {
    let head = "STRUCTURE,STRUCTURE_ID,ACTION,INDICATOR,CITIZENSHIP,TIME_PERIOD,OBS_VALUE";
    let of_another =
        format!("{head}\ndataprovision,LELEKA:PA_BORDER_WEEKLY_SBGS(1.0.0),I,ASY_APPL,AF,2022-W13,3\n");
    let refused = submit("", SDMX, of_another.as_bytes()).expect(403);
    assert_eq!(refused.json()["code"], "auth.insufficient_scope");
    let deleting = format!(
        "{head},PHONE\ndataflow,LELEKA:ASYLUM_WEEKLY(1.0.0),D,ASY_APPL,AF,2022-W13,3,1\n\
         dataflow,LELEKA:ASYLUM_WEEKLY(1.0.0),X,ASY_APPL,SY,2022-W13,3,1\n\
         dataflow,LELEKA:ASYLUM_WEEKLY(1.0.0),M,ASY_APPL,TR,2022-W13,,1\n"
    );
    let answer = submit("?dataflow=ASYLUM_MONTHLY", SDMX, deleting.as_bytes()).expect(422);
    let told = told(&answer);
    for expected in [
        "sdmx.column_unknown -:1 PHONE",
        "action.not_allowed -:- -",
        "sdmx.action_unknown 2:3 ACTION",
        "sdmx.row_empty 3:4 -",
        "sdmx.dataflow_mismatch -:- -",
    ] {
        assert!(told.contains(&expected.to_owned()), "{expected} in {told:?}");
    }
}

#[test]
fn a_compressed_body_is_checked_as_sent_and_kept_as_meant() {
    let sent = "indicator,period,citizenship,value\nASY_APPL,2022-W21,SY,12\n";
    let body = packed(sent.as_bytes());
    let digest_sent = digest(&body);
    let headers = [
        ("content-type", "text/csv"),
        ("content-encoding", "gzip"),
        ("content-digest", digest_sent.as_str()),
    ];
    let path = "/v1/submissions?dataflow=ASYLUM_WEEKLY";
    let answer = send(path, &headers, &body).expect(201);
    assert_eq!(stored("2022-W21"), ["UA,SY,_T,_T,_T,12,A"]);
    let content = format!(
        "/v1/submissions/{}/content",
        answer.json()["id"].as_str().unwrap()
    );
    let content = dms().get(&content).expect(200);
    assert_eq!(content.text(), sent);
    assert_eq!(
        content.header("content-digest"),
        Some(digest(sent.as_bytes()).as_str())
    );
    let of_text = digest(sent.as_bytes());
    let wrong = [headers[0], headers[1], ("content-digest", of_text.as_str())];
    assert_eq!(
        send(path, &wrong, &body).expect(400).json()["code"],
        "digest.mismatch"
    );
}

#[test]
fn damaged_and_exploding_bodies_are_refused_whole() {
    let headers = [("content-type", "text/csv"), ("content-encoding", "gzip")];
    let path = "/v1/submissions?dataflow=ASYLUM_WEEKLY";
    let good = packed(b"indicator,period,citizenship,value\nASY_APPL,2022-W22,SY,12\n");
    let mut damaged = good.clone();
    let last = damaged.len() - 1;
    damaged[last] ^= 1;
    for body in [damaged.as_slice(), &good[..good.len() - 3], b"no gzip", b""] {
        let answer = send(path, &headers, body).expect(400);
        assert_eq!(answer.json()["code"], "content_encoding.invalid");
    }
    let bomb = packed(&vec![b'\n'; 32 * 1024 * 1024]);
    let answer = send(path, &headers, &bomb).expect(413);
    assert_eq!(answer.json()["code"], "body.too_large");
    assert!(stored("2022-W22").is_empty());
}

#[test]
fn a_file_of_unknown_dialect_is_read_and_the_reading_is_told() {
    let sent = "Зведення за тиждень\r\nindicator;period;citizenship;value\r\nASY_APPL;2022-W31;SY;12\r\nASY_APPL;2022-W31;AF;3\r\n";
    let units: Vec<u8> = sent.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let answer = submit("?dataflow=ASYLUM_WEEKLY&dialect=auto", "text/csv", &units).expect(201);
    assert_eq!(
        told(&answer),
        ["file.encoding_guessed -:- -", "file.rows_skipped -:2 -"]
    );
    assert_eq!(stored("2022-W31"), ["UA,AF,_T,_T,_T,3,A", "UA,SY,_T,_T,_T,12,A"]);
    let refused = submit("?dataflow=ASYLUM_WEEKLY&dialect=excel", "text/csv", b"a").expect(400);
    assert_eq!(refused.json()["code"], "parameter.invalid");
    let workbook = submit("?dataflow=ASYLUM_WEEKLY&dialect=auto", "text/csv", b"PK\x03\x04").expect(422);
    assert_eq!(told(&workbook), ["file.not_text -:- -"]);
}
