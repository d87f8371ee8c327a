//! Files that say nothing about themselves, as people save them.

use super::{Recording, read_with};
use crate::{DetectedLayout, Encoding, EncodingReason, LineEnd, ReaderKind, ReaderLimits};
use encoding_rs::{IBM866, KOI8_U, WINDOWS_1251, WINDOWS_1252};
use leleka_domain::{Code, Severity};

fn read(bytes: &[u8]) -> (Recording, Option<DetectedLayout>) {
    let (recording, outcome) = read_with(ReaderKind::CsvDetected, ReaderLimits::default(), &[bytes]);
    (recording, outcome.detected)
}

const LINES: &str = "Область;Показник;Значення\r\n\
                     Львівська область;Прибулі;6,7\r\n\
                     Закарпатська область;Вибулі;3,1\r\n";

#[test]
fn ukrainian_is_read_from_every_code_page_and_the_report_says_which() {
    for (page, encoding) in [(WINDOWS_1251, Encoding::Windows1251), (KOI8_U, Encoding::Koi8U)] {
        let (recording, detected) = read(&page.encode(LINES).0);
        let detected = detected.unwrap();
        assert_eq!(detected.encoding, encoding);
        assert_eq!(detected.encoding_reason, EncodingReason::LetterFrequency);
        assert_eq!((detected.delimiter, detected.line_end), (';', LineEnd::CrLf));
        assert_eq!(recording.columns(), ["Область", "Показник", "Значення"]);
        assert_eq!(recording.records()[1], "2:3 Закарпатська область|Вибулі|3,1");
        assert_eq!(recording.codes(), [Code::FileEncodingGuessed]);
        assert_eq!(recording.findings()[0].value.as_deref(), Some(encoding.word()));
    }
    let (recording, detected) = read(LINES.as_bytes());
    assert!(recording.findings().is_empty());
    assert_eq!(detected.unwrap().encoding_reason, EncodingReason::ValidUtf8);
    let (_, detected) = read(format!("\u{feff}{LINES}").as_bytes());
    let detected = detected.unwrap();
    assert!(detected.byte_order_mark);
    assert_eq!(detected.encoding_reason, EncodingReason::ByteOrderMark);
}

#[test]
fn letters_that_ms_dos_does_not_have_are_missed_aloud() {
    for destroyed in ["Льв?вська область", "Льв\u{69}вська область"] {
        let text =
            format!("Область;Значення\r\n{destroyed};1\r\nКиївська область;2\r\nПолтавська область;3\r\n");
        let bytes: Vec<u8> = IBM866.encode(&text).0.into_owned();
        let (recording, detected) = read(&bytes);
        assert_eq!(detected.unwrap().encoding, Encoding::Ibm866);
        assert_eq!(
            recording.codes(),
            [Code::FileEncodingGuessed, Code::FileLossyEncoding]
        );
        let finding = recording.findings()[1];
        assert_eq!(finding.severity, Severity::Error);
        assert_eq!(finding.value.as_deref(), destroyed.split(' ').next());
    }
}

#[test]
fn one_word_is_enough_to_tell_cyrillic_and_french_is_not_taken_for_it() {
    let (recording, detected) = read(&WINDOWS_1251.encode("a;b\nКиїв;1\n").0);
    assert_eq!(detected.unwrap().encoding, Encoding::Windows1251);
    assert_eq!(recording.records(), ["1:2 Київ|1"]);
    let eurostat = "\"TIME\",\"GEO\",\"CITIZEN\",\"Value\"\n\"2012\",\"Belgium\",\"Côte d'Ivoire\",\"22,925\"\n\
                    \"2012\",\"Belgium\",\"São Tomé and Príncipe\",\":\"\n";
    let (recording, detected) = read(&WINDOWS_1252.encode(eurostat).0);
    let detected = detected.unwrap();
    assert_eq!(
        (detected.encoding, detected.encoding_reason),
        (Encoding::Iso8859_1, EncodingReason::Latin)
    );
    assert_eq!(recording.records()[0], "1:2 2012|Belgium|Côte d'Ivoire|22,925");
    assert_eq!(recording.findings()[0].severity, Severity::Warning);
}

#[test]
fn utf_16_is_read_with_its_mark_and_without() {
    for (mark, bytes_of) in [
        (b"\xff\xfe".as_slice(), u16::to_le_bytes as fn(u16) -> [u8; 2]),
        (b"", u16::to_le_bytes),
        (b"\xfe\xff", u16::to_be_bytes),
        (b"", u16::to_be_bytes),
    ] {
        let text = LINES.replace(';', "\t");
        let units = text.encode_utf16().flat_map(bytes_of);
        let sent: Vec<u8> = mark.iter().copied().chain(units).collect();
        let (recording, detected) = read(&sent);
        let detected = detected.unwrap();
        assert_eq!((detected.encoding, detected.delimiter), (Encoding::Utf16, '\t'));
        assert_eq!(recording.records()[0], "1:2 Львівська область|Прибулі|6,7");
    }
}

#[test]
fn the_delimiter_is_the_one_that_gives_equal_widths() {
    for (sent, delimiter) in [
        ("a;b\n1,5;2,5\n3,5;4,5\n", ';'),
        ("date,\"people, all\"\n2022-02-24,\"79,209\"\n", ','),
        ("\tУсі потоки\tприбулі\nУкраїна\t533278\t–\n", '\t'),
        ("one\n1\n2\n", ';'),
    ] {
        let (recording, detected) = read(sent.as_bytes());
        assert_eq!(detected.unwrap().delimiter, delimiter, "{sent}");
        assert!(recording.findings().is_empty(), "{sent}: {:?}", recording.told());
    }
    let (recording, detected) = read("a,x;b\n1,5;2\n3,5;4\n".as_bytes());
    assert_eq!(detected.unwrap().delimiter, ';');
    assert_eq!(recording.codes(), [Code::FileDelimiterAmbiguous]);
}

#[test]
fn rows_before_the_header_and_hxl_tags_below_it_are_passed_over() {
    let unhcr = "\"Extracted from the UNHCR Population Statistics Reference Database\",\"UNHCR\"\n\
                 \"Date extracted: 2015-07-09 17:20:32 +02:00\"\n\n\
                 Year,\"Country / territory of asylum/residence\",Origin,\"Population type\",Value\n\
                 2014,Aruba,Colombia,Asylum-seekers,*\n2014,Aruba,Cuba,Asylum-seekers,*\n";
    let (recording, detected) = read(unhcr.as_bytes());
    let detected = detected.unwrap();
    assert_eq!((detected.header_line, detected.skipped_rows), (4, 3));
    assert_eq!(recording.told(), ["file.rows_skipped -:4 -"]);
    assert_eq!(recording.records()[0], "1:5 2014|Aruba|Colombia|Asylum-seekers|*");
    let iom = "\u{feff}Country,Oblast pcode,Reported\n#country+name,#adm1+code,#date+reported\nUkraine,UA21,2022-04-15\n";
    let (recording, _) = read(iom.as_bytes());
    assert_eq!(recording.told(), ["file.tag_row_skipped -:2 -"]);
    assert_eq!(recording.records(), ["1:3 Ukraine|UA21|2022-04-15"]);
}

#[test]
fn every_line_end_and_a_stray_return_inside_a_cell() {
    let old = LINES.replace("\r\n", "\r");
    let (recording, detected) = read(old.as_bytes());
    assert_eq!(detected.unwrap().line_end, LineEnd::Cr);
    assert_eq!(recording.records().len(), 2);
    let stray = "№;Назва\r\n1;\"Голосіївський\rпарк\"\r\n2;урочище\rЛісове\r\n3;\"два\nрядки\"\r\n";
    let (recording, detected) = read(stray.as_bytes());
    assert_eq!(detected.unwrap().line_end, LineEnd::Mixed);
    assert_eq!(
        recording.records(),
        [
            "1:2 1|Голосіївський парк",
            "2:3 2|урочище Лісове",
            "3:4 3|два\nрядки"
        ]
    );
}

#[test]
fn empty_tails_are_dropped_and_filled_ones_are_told() {
    let sent = "№;Назва;Площа\n1;Урочище;13;;;;\n2;Парк;7;;;;\n3;Ліс;8;;;зайве;\n";
    let (recording, _) = read(sent.as_bytes());
    assert_eq!(recording.records(), ["1:2 1|Урочище|13", "2:3 2|Парк|7"]);
    assert_eq!(recording.told(), ["csv.row_width 3:4 -"]);
}

#[test]
fn what_is_no_text_is_told_at_once() {
    for bytes in [
        b"PK\x03\x04\x14\0".as_slice(),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"%PDF-1.7",
        b"<html><table>",
        b"a,\0b",
    ] {
        assert_eq!(read(bytes).0.codes(), [Code::FileNotText]);
    }
    assert_eq!(read(b"").0.codes(), [Code::CsvHeaderMissing]);
    let numbers = read(b"1;2\n3;4\n").0;
    assert_eq!(numbers.codes(), [Code::FileHeaderUnsure]);
}

#[test]
fn a_body_over_the_limit_is_not_held() {
    let limits = ReaderLimits {
        whole_bytes: 10,
        ..ReaderLimits::default()
    };
    let (recording, _) = read_with(ReaderKind::CsvDetected, limits, &[b"a,b\n1", b",2\n3,4\n"]);
    assert_eq!(recording.codes(), [Code::FileTooLarge]);
}

#[test]
fn a_layout_is_data_for_a_report() {
    let detected = read(LINES.as_bytes()).1.unwrap();
    assert_eq!(
        serde_json::to_value(&detected).unwrap(),
        serde_json::json!({
            "encoding": "utf-8", "encoding_reason": "valid_utf8", "byte_order_mark": false, "delimiter": ";",
            "line_end": "cr_lf", "header_line": 1, "skipped_rows": 0
        })
    );
}
