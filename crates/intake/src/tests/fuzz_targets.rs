//! One target for each reader: what it is fed, and how it is called.

use super::PLAIN;
use super::fuzz::{Seeds, fuzz, read_and_check, saved};
use super::packages::{Part, part, text_cell, workbook_parts, zip};
use crate::{CsvLayout, Encoding, GzipInflater, GzipLimits, ReaderKind, SdmxLayout, SheetLayout};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;

const TEXT_PIECES: &[&[u8]] = &[
    b"\n",
    b"\r",
    b"\r\n",
    b"\"",
    b",",
    b";",
    b"\t",
    b"\0",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xd0",
    b"NaN",
    b"#N/A",
    b"1e400",
    b"\"\"",
    b": ",
    b"[;]",
    b"~",
    b"DATAFLOW",
    b"STRUCTURE_ID",
    b"ACTION",
    b"\xca\xe8\xbf\xe2",
];

const JSON_PIECES: &[&[u8]] = &[
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"\"",
    b"\\",
    b"\\ud800",
    b"\\u0000",
    b"null",
    b"-0",
    b"1e999",
    b"\n",
    b"\xff",
    b"\"observations\":[",
    b"{\"value\":1}",
    b"[[[[[[[[[[",
];

#[test]
fn fuzz_json() {
    let seeds = Seeds {
        inputs: saved("json"),
        pieces: JSON_PIECES,
    };
    fuzz("json", &seeds, |input, dice| {
        read_and_check(&ReaderKind::Json, input, dice)
    });
}

#[test]
fn fuzz_ndjson() {
    let seeds = Seeds {
        inputs: saved("ndjson"),
        pieces: JSON_PIECES,
    };
    fuzz("ndjson", &seeds, |input, dice| {
        read_and_check(&ReaderKind::Ndjson, input, dice)
    });
}

#[test]
fn fuzz_csv() {
    let seeds = Seeds {
        inputs: saved("csv"),
        pieces: TEXT_PIECES,
    };
    fuzz("csv", &seeds, |input, dice| {
        let layout = CsvLayout {
            encoding: Encoding::ALL[dice.below(Encoding::ALL.len())],
            delimiter: b",;\t"[dice.below(3)],
            skip_rows: dice.below(3) as u32,
            header_rows: dice.below(3) as u32,
            ..PLAIN
        };
        read_and_check(&ReaderKind::Csv(layout), input, dice);
    });
}

#[test]
fn fuzz_sdmx_csv() {
    let seeds = Seeds {
        inputs: saved("sdmx"),
        pieces: TEXT_PIECES,
    };
    let layout = SdmxLayout {
        dimensions: vec!["applicant_type".to_owned()],
    };
    let kind = ReaderKind::SdmxCsv(layout);
    fuzz("sdmx", &seeds, |input, dice| read_and_check(&kind, input, dice));
}

#[test]
fn fuzz_detected() {
    let seeds = Seeds {
        inputs: [saved("csv"), saved("detected")].concat(),
        pieces: TEXT_PIECES,
    };
    fuzz("detected", &seeds, |input, dice| {
        read_and_check(&ReaderKind::CsvDetected, input, dice)
    });
}

const SHEET: &str = "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"inlineStr\"><is><t>value</t></is></c></row>\
    <row r=\"2\"><c r=\"A2\" s=\"1\"><v>45943.5</v></c><c r=\"B2\"><f>A1+1</f><v>7</v></c></row>\
    <row r=\"4\"><c r=\"A4\" t=\"e\"><v>#N/A</v></c><c r=\"B4\" t=\"str\"><f t=\"shared\" si=\"0\" ref=\"B4:B9\">1</f><v>x</v></c></row>";

const SHEET_PIECES: &[&[u8]] = &[
    b"<row r=\"1048577\">",
    b"</row>",
    b"<c r=\"XFD9\">",
    b"<c r=\"A99999999999\"><v>1</v></c>",
    b"</c>",
    b"<v>",
    b"</v>",
    b"<f t=\"shared\" si=\"4294967295\"/>",
    b"<f t=\"shared\" si=\"0\" ref=\"B9:A1\">1</f>",
    b"<is><t>",
    b"</t></is>",
    b"<mergeCells><mergeCell ref=\"A1:B1\"/></mergeCells>",
    b"<dimension ref=\"B9:A1\"/>",
    b"&#0;",
    b"&amp;",
    b"<![CDATA[",
    b"]]>",
    b"<!DOCTYPE a>",
    b"t=\"d\"",
    b"t=\"b\"",
    b"s=\"99\"",
    b"1e400",
    b"NaN",
    b"-1",
    b"99999999999999999999",
    b"<sst uniqueCount=\"99999999999\">",
    b"<si><t>x</t></si>",
    b"<numFmt numFmtId=\"170\" formatCode=\"dd\"/>",
    b"<xf numFmtId=\"14\"/>",
];

fn workbook_seed() -> Vec<Part> {
    let mut parts = workbook_parts(
        &format!("{SHEET}{}", text_cell("A9", "кінець")),
        "<si><t>період</t></si><si><r><t>a</t></r></si>",
    );
    parts.push(part(
        "xl/styles.xml",
        "<styleSheet><numFmts><numFmt numFmtId=\"165\" formatCode=\"dd.mm.yyyy\"/></numFmts><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"165\"/></cellXfs></styleSheet>",
    ));
    parts
}

/// The bytes of the archive are changed: most of these never come to the XML.
#[test]
fn fuzz_workbook_archive() {
    let seeds = Seeds {
        inputs: vec![zip(&workbook_seed())],
        pieces: &[
            b"PK\x03\x04",
            b"PK\x01\x02",
            b"PK\x05\x06",
            b"\xff\xff\xff\xff",
            b"\0\0\0\0",
        ],
    };
    let kind = ReaderKind::Xlsx(SheetLayout::default());
    fuzz("workbook archive", &seeds, |input, dice| {
        read_and_check(&kind, input, dice)
    });
}

/// One part of the workbook is changed and packed properly: what a hostile program would write.
#[test]
fn fuzz_workbook_markup() {
    let parts = workbook_seed();
    for number in 0..parts.len() {
        let seeds = Seeds {
            inputs: vec![parts[number].data.clone()],
            pieces: SHEET_PIECES,
        };
        fuzz(
            &format!("workbook {}", parts[number].name),
            &seeds,
            |input, dice| {
                let mut changed = parts.clone();
                changed[number].data = input.to_vec();
                let layout = SheetLayout {
                    header_rows: 1 + dice.below(2) as u32,
                    ..SheetLayout::default()
                };
                read_and_check(&ReaderKind::Xlsx(layout), &zip(&changed), dice);
            },
        );
    }
}

fn packed(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn fuzz_gzip() {
    let mut inputs: Vec<Vec<u8>> = saved("csv").iter().map(|text| packed(text)).collect();
    inputs.push([packed(b"a"), packed(b"b")].concat());
    let seeds = Seeds {
        inputs,
        pieces: &[b"\x1f\x8b\x08", b"\0\0\0\0", b"\xff\xff"],
    };
    fuzz("gzip", &seeds, |input, dice| {
        let limits = GzipLimits {
            inflated_bytes: 1 << dice.below(18),
            ..GzipLimits::default()
        };
        let run = |cut: usize| {
            let mut inflater = GzipInflater::new(limits);
            let mut given = Vec::new();
            let mut told = Ok(());
            for chunk in input.chunks(cut) {
                told = inflater.feed(chunk, &mut |piece| given.extend_from_slice(piece));
            }
            (told.and_then(|()| inflater.finish()), given)
        };
        let (whole, given) = run(usize::MAX);
        let (in_pieces, also_given) = run(1 + dice.below(30));
        // Which of two faults is met first may hang on the cut, that there is one may not.
        assert_eq!(whole.is_ok(), in_pieces.is_ok(), "{whole:?} {in_pieces:?}");
        assert!(given.len() as u64 <= limits.inflated_bytes);
        if whole.is_ok() {
            assert_eq!(given, also_given);
        }
    });
}
