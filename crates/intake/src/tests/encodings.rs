//! Files in the encodings that senders really use.

use super::{PLAIN, Recording, read};
use crate::{CsvLayout, Encoding, ReaderKind, UnknownEncoding};
use encoding_rs::WINDOWS_1251;

const SENT: &str = "область,value\nКиївська,1\n";

fn read_as(encoding: Encoding, bytes: &[u8]) -> Recording {
    read(ReaderKind::Csv(CsvLayout { encoding, ..PLAIN }), bytes)
}

fn utf16(text: &str, mark: &[u8], unit_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    let units = text.encode_utf16().flat_map(unit_bytes);
    mark.iter().copied().chain(units).collect()
}

#[test]
fn cyrillic_comes_out_of_every_encoding() {
    let with_mark = format!("\u{feff}{SENT}");
    let little = utf16(SENT, b"\xff\xfe", u16::to_le_bytes);
    let big = utf16(SENT, b"\xfe\xff", u16::to_be_bytes);
    let old = WINDOWS_1251.encode(SENT).0.into_owned();
    for (encoding, bytes) in [
        (Encoding::Utf8, SENT.as_bytes()),
        (Encoding::Utf8, with_mark.as_bytes()),
        (Encoding::Windows1251, with_mark.as_bytes()),
        (Encoding::Windows1251, &old),
        (Encoding::Utf16, &little),
        (Encoding::Utf16, &big),
        (Encoding::Utf8, &little),
    ] {
        let recording = read_as(encoding, bytes);
        assert_eq!(recording.columns(), ["область", "value"], "{encoding}");
        assert_eq!(recording.records(), ["1:2 Київська|1"], "{encoding}");
        assert!(recording.findings().is_empty(), "{encoding}");
    }
}

#[test]
fn latin_1_has_its_accents() {
    let recording = read_as(Encoding::Iso8859_1, b"geo,v\nC\xf4te d'Ivoire,1\n");
    assert_eq!(recording.records(), ["1:2 Côte d'Ivoire|1"]);
}

#[test]
fn the_first_byte_that_cannot_occur_is_told_once_with_its_line_and_the_rest_is_read() {
    let old = WINDOWS_1251.encode(SENT).0.into_owned();
    let recording = read_as(Encoding::Utf8, &old);
    assert_eq!(recording.told(), ["encoding.invalid -:1 -"]);
    assert_eq!(recording.records().len(), 1);

    let quoted = read_as(Encoding::Utf8, b"a,b\n1,2\n\"x\ny\",\"p\nq\xff\"\n\xfe,3\n");
    assert_eq!(quoted.told(), ["encoding.invalid -:5 -"]);
    assert_eq!(
        quoted.records(),
        ["1:2 1|2", "2:3 x\ny|p\nq\u{fffd}", "3:6 \u{fffd}|3"]
    );

    for (encoding, byte) in [(Encoding::Windows1251, 0x98), (Encoding::Iso8859_1, 0x81)] {
        let recording = read_as(
            encoding,
            &[b"a,b\n1,x", [byte, b'y'].as_slice(), &[byte], b"\n2,3\n"].concat(),
        );
        assert_eq!(recording.told(), ["encoding.invalid -:2 -"], "{encoding}");
        assert_eq!(recording.findings()[0].expected.as_deref(), Some(encoding.word()));
        assert_eq!(
            recording.records(),
            ["1:2 1|x\u{fffd}y\u{fffd}", "2:3 2|3"],
            "{encoding}"
        );
    }
}

#[test]
fn utf16_needs_its_mark_and_whole_units() {
    let unmarked = read_as(Encoding::Utf16, &utf16(SENT, b"", u16::to_le_bytes));
    assert_eq!(unmarked.told(), ["encoding.invalid -:1 -"]);
    assert_eq!(unmarked.findings()[0].expected.as_deref(), Some("utf-16 (BOM)"));
    let mut cut = utf16("a,b\n1,2", b"\xff\xfe", u16::to_le_bytes);
    cut.push(b'x');
    let cut = read_as(Encoding::Utf16, &cut);
    assert_eq!(cut.told(), ["encoding.invalid -:2 -"]);
    assert_eq!(cut.records(), ["1:2 1|2\u{fffd}"]);
}

#[test]
fn json_is_utf8_only() {
    let document = utf16("{\"observations\":[]}", b"\xff\xfe", u16::to_le_bytes);
    for kind in [ReaderKind::Json, ReaderKind::Ndjson] {
        assert_eq!(read(kind, &document).told(), ["encoding.invalid -:1 -"]);
    }
}

#[test]
fn an_encoding_is_written_as_profiles_write_it() {
    for encoding in Encoding::ALL {
        let json = serde_json::to_string(&encoding).unwrap();
        assert_eq!(json, format!("\"{encoding}\""));
        assert_eq!(serde_json::from_str::<Encoding>(&json).unwrap(), encoding);
        assert_eq!(encoding.word().parse(), Ok(encoding));
    }
    assert_eq!("koi8-r".parse::<Encoding>(), Err(UnknownEncoding));
}
