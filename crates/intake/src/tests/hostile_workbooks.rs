//! Workbooks that are none, or that were made to do harm.

use super::packages::{Part, part, text_cell, workbook, workbook_parts, zip};
use super::{Recording, read_with};
use crate::{PackageLimits, ReaderKind, ReaderLimits, SheetLayout};
use leleka_domain::Code;

fn read(bytes: &[u8]) -> Recording {
    let limits = ReaderLimits {
        package: PackageLimits {
            entries: 20,
            inflated_bytes: 4 * 1024 * 1024,
            ..PackageLimits::default()
        },
        ..ReaderLimits::default()
    };
    read_with(ReaderKind::Xlsx(SheetLayout::default()), limits, &[bytes]).0
}

fn row(cells: &str) -> String {
    format!(
        "<row r=\"1\">{}</row><row r=\"2\">{cells}</row>",
        text_cell("A1", "value")
    )
}

fn with(parts: Vec<Part>, more: Part) -> Vec<u8> {
    let mut parts: Vec<Part> = parts.into_iter().filter(|old| old.name != more.name).collect();
    parts.push(more);
    zip(&parts)
}

#[test]
fn what_is_no_workbook_says_what_to_do() {
    let protected = [
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".as_slice(),
        b"E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0",
    ]
    .concat();
    for (bytes, code) in [
        (protected.as_slice(), Code::FilePasswordProtected),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", Code::FileLegacyWorkbook),
        (b"\xef\xbb\xbf\r\n<HTML><table><tr><td>1", Code::FileHtmlWorkbook),
        (b"<?xml version=\"1.0\"?><Workbook/>", Code::FileHtmlWorkbook),
        (b"indicator,period,value\n", Code::FileNotWorkbook),
        (b"", Code::FileNotWorkbook),
        (b"PK\x03\x04", Code::FileDamaged),
    ] {
        assert_eq!(read(bytes).codes(), [code]);
    }
    let other = zip(&[part("mimetype", "application/vnd.oasis.opendocument.spreadsheet")]);
    assert_eq!(read(&other).codes(), [Code::FileNotWorkbook]);
    let document = zip(&[
        part("[Content_Types].xml", "<Types/>"),
        part("word/document.xml", "<w/>"),
    ]);
    assert_eq!(read(&document).codes(), [Code::FileNotWorkbook]);
}

#[test]
fn the_package_made_by_hand_is_read() {
    let sheet = row("<c r=\"A2\"><v>7</v></c>");
    let recording = read(&workbook(&sheet));
    assert_eq!(recording.records(), ["1:2 7"], "{:?}", recording.told());
    let stored: Vec<Part> = workbook_parts(&sheet, "")
        .into_iter()
        .map(|part| Part {
            deflated: false,
            ..part
        })
        .collect();
    assert_eq!(read(&zip(&stored)).records(), ["1:2 7"]);
}

#[test]
fn a_bomb_is_stopped_by_what_comes_out_of_it_whatever_its_headers_claim() {
    let spaces = format!(
        "<row r=\"1\">{}</row>{}",
        text_cell("A1", "value"),
        " ".repeat(3 * 1024 * 1024)
    );
    let mut parts = workbook_parts(&spaces, "");
    assert_eq!(read(&zip(&parts)).codes(), [Code::FileInflatesTooMuch], "ratio");
    for part in &mut parts {
        part.claimed = Some(10);
    }
    let recording = read(&zip(&parts));
    assert_eq!(
        recording.codes(),
        [Code::FileInflatesTooMuch],
        "ratio, lying sizes"
    );
    assert_eq!(recording.findings()[0].expected.as_deref(), Some("× 100"));
    let mut noise = 1_u32;
    let mut media = Vec::new();
    while media.len() < 5 * 1024 * 1024 {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        media.extend(noise.to_le_bytes());
    }
    let sum = with(workbook_parts("", ""), part("xl/media/image1.png", &media));
    assert_eq!(read(&sum).findings()[0].expected.as_deref(), Some("4194304 B"));
    let many: Vec<Part> = (0..21)
        .map(|number| part(&format!("{number}.xml"), "<a/>"))
        .collect();
    assert_eq!(
        read(&zip(&many)).findings()[0].expected.as_deref(),
        Some("20 × ZIP")
    );
}

#[test]
fn archives_that_two_readers_could_see_differently_are_not_opened() {
    let good = workbook(&row("<c r=\"A2\"><v>7</v></c>"));
    let encrypted: Vec<Part> = workbook_parts("", "")
        .into_iter()
        .map(|part| Part { flags: 1, ..part })
        .collect();
    assert_eq!(read(&zip(&encrypted)).codes(), [Code::FilePasswordProtected]);
    let mut behind = good.clone();
    behind.extend(b"more");
    let mut before = b"PK\x03\x04 junk ".to_vec();
    before.extend(&good);
    let mut overlapping = good.clone();
    let name = b"xl/workbook.xml";
    let second = overlapping
        .windows(4)
        .rposition(|window| window == b"PK\x01\x02")
        .unwrap();
    overlapping[second + 42..second + 46].copy_from_slice(&[0; 4]);
    let mut renamed = good.clone();
    let place = renamed
        .windows(name.len())
        .position(|window| window == name)
        .unwrap();
    renamed[place] = b'y';
    for broken in [
        behind,
        before,
        overlapping,
        renamed,
        good[..good.len() - 1].to_vec(),
    ] {
        assert_eq!(read(&broken).codes(), [Code::FileDamaged]);
    }
}

#[test]
fn markup_that_would_harm_a_reader_is_refused_before_it_is_read() {
    let deep = format!("{}{}", "<a>".repeat(40), "</a>".repeat(40));
    let long = format!("<c r=\"A2\" t=\"str\"><v>{}</v></c>", noise(2 * 1024 * 1024));
    for (sheet, what) in [
        (
            row("<c r=\"A99999999999\"><v>1</v></c>"),
            "a row number that overflows",
        ),
        (
            row("<c r=\"ZZZZZZZZZZZZ1\"><v>1</v></c>"),
            "a column that overflows",
        ),
        (
            row("<c r=\"A2\"><f t=\"shared\" si=\"0\" ref=\"B9:A1\">1</f><v>1</v></c>"),
            "a range upside down",
        ),
        (row(&deep), "depth"),
        (long, "one text of two mebibytes"),
        (row("<c r=\"A2\" <v>"), "a broken tag"),
    ] {
        let recording = read(&workbook(&sheet));
        assert_eq!(
            recording.codes(),
            [Code::FileDamaged],
            "{what}: {:?}",
            recording.told()
        );
    }
    let doctype = part(
        "xl/sharedStrings.xml",
        "<!DOCTYPE sst [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><sst><si><t>&a;</t></si></sst>",
    );
    let recording = read(&with(workbook_parts("", ""), doctype));
    assert_eq!(recording.findings()[0].value.as_deref(), Some("DOCTYPE"));
    let count = part("xl/sharedStrings.xml", "<sst uniqueCount=\"100000000000\"/>");
    assert_eq!(
        read(&with(workbook_parts("", ""), count)).codes(),
        [Code::FileDamaged]
    );
    let target =
        "<Relationships><Relationship Id=\"r1\" Type=\"x/worksheet\" Target=\"sheet1.png\"/></Relationships>";
    let elsewhere = part("xl/_rels/workbook.xml.rels", target);
    assert_eq!(
        read(&with(workbook_parts("", ""), elsewhere)).codes(),
        [Code::FileDamaged]
    );
    let strings = "<si/>".repeat(700_000);
    let many = zip(&workbook_parts("", &strings));
    assert_eq!(read(&many).codes(), [Code::FileInflatesTooMuch]);
}

/// Letters that do not compress well.
fn noise(length: usize) -> String {
    let mut state = 7_u32;
    (0..length)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            char::from(b'a' + ((state >> 24) % 26) as u8)
        })
        .collect()
}

#[test]
fn faults_that_only_the_library_meets_are_findings_too() {
    let head = row("");
    for (sheet, code) in [
        (
            format!("<row r=\"3\">{}</row>{head}", text_cell("A3", "x")),
            Code::FileDamaged,
        ),
        (row("<c r=\"A2\" t=\"s\"><v>99</v></c>"), Code::FileDamaged),
        (row("<c r=\"A2\" t=\"b\"><v>banana</v></c>"), Code::FileDamaged),
    ] {
        assert!(read(&workbook(&sheet)).codes().contains(&code), "{sheet}");
    }
    let wide = row(&text_cell("XFD2", "far away"));
    assert_eq!(read(&workbook(&wide)).codes(), [Code::CsvRowWidth]);
    let wide_header = format!("<row r=\"1\">{}</row>", text_cell("XFD1", "far away"));
    assert_eq!(read(&workbook(&wide_header)).codes(), [Code::FileTooLarge]);
}
