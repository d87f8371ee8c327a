//! Random input for every reader. In the ordinary run a few hundred cases each, always the same; with
//! `LELEKA_FUZZ_SECONDS` as many as fit into so many seconds for each target, from another seed every time:
//!
//! `LELEKA_FUZZ_SECONDS=120 cargo test -p leleka-intake fuzz -- --nocapture`
//!
//! A failing input is printed as a byte string, to be pasted into a test or saved in `corpus`.

use super::packages::{Part, part, text_cell, workbook_parts, zip};
use super::{Event, PLAIN, Recording, read_with};
use crate::{
    CsvLayout, Encoding, GzipInflater, GzipLimits, PackageLimits, ReaderKind, ReaderLimits, ReaderOutcome,
    SdmxLayout, SheetLayout,
};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

const CASES: u64 = 300;
const MOST_BYTES: usize = 64 * 1024;

/// A stream of random numbers that needs nothing: xorshift64*.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, most: usize) -> usize {
        (self.roll() >> 11) as usize % most.max(1)
    }
}

/// Real-looking inputs, the corpus, and pieces that formats are made of.
struct Seeds {
    inputs: Vec<Vec<u8>>,
    pieces: &'static [&'static [u8]],
}

impl Seeds {
    /// An input, changed in a few places.
    fn mutated(&self, dice: &mut Dice) -> Vec<u8> {
        let mut bytes = self.inputs[dice.below(self.inputs.len())].clone();
        for _ in 0..=dice.below(8) {
            let at = dice.below(bytes.len() + 1);
            match dice.below(7) {
                0 if at < bytes.len() => bytes[at] = dice.roll() as u8,
                1 if at < bytes.len() => bytes[at] ^= 1 << dice.below(8),
                2 => bytes.truncate(at),
                3 => {
                    let end = (at + dice.below(64)).min(bytes.len());
                    bytes.drain(at..end);
                }
                4 => {
                    let end = (at + dice.below(256)).min(bytes.len());
                    let copy = bytes[at..end].to_vec();
                    let to = dice.below(bytes.len() + 1);
                    bytes.splice(to..to, copy);
                }
                5 => {
                    let other = &self.inputs[dice.below(self.inputs.len())];
                    let from = dice.below(other.len() + 1);
                    let end = (from + dice.below(512)).min(other.len());
                    bytes.splice(at..at, other[from..end].iter().copied());
                }
                _ => {
                    let piece = self.pieces[dice.below(self.pieces.len())];
                    bytes.splice(at..at, piece.iter().copied());
                }
            }
        }
        bytes.truncate(MOST_BYTES);
        bytes
    }
}

/// Runs a target on mutated inputs until its cases or its time are used up.
fn fuzz(name: &str, seeds: &Seeds, target: impl Fn(&[u8], &mut Dice)) {
    let seconds = std::env::var("LELEKA_FUZZ_SECONDS").ok();
    let seconds = seconds.map(|text| text.parse().expect("LELEKA_FUZZ_SECONDS is a number"));
    let seed = match seconds {
        None => 0x4c45_4c45_4b41,
        Some(_) => RandomState::new().build_hasher().finish() | 1,
    };
    let mut dice = Dice(seed);
    let started = Instant::now();
    let mut cases = 0;
    loop {
        let go_on = match seconds {
            None => cases < CASES,
            Some(seconds) => started.elapsed() < Duration::from_secs(seconds),
        };
        if !go_on {
            break;
        }
        let input = if (cases as usize) < seeds.inputs.len() {
            seeds.inputs[cases as usize].clone()
        } else {
            seeds.mutated(&mut dice)
        };
        let ran = catch_unwind(AssertUnwindSafe(|| target(&input, &mut dice)));
        assert!(
            ran.is_ok(),
            "{name}: case {cases} of seed {seed} failed on b\"{}\"",
            input.escape_ascii()
        );
        cases += 1;
    }
    eprintln!("{name}: {cases} cases, {:?}", started.elapsed());
}

fn limits(dice: &mut Dice) -> ReaderLimits {
    let full = ReaderLimits {
        package: PackageLimits {
            inflated_bytes: 4 * 1024 * 1024,
            ..PackageLimits::default()
        },
        ..ReaderLimits::default()
    };
    if dice.below(3) > 0 {
        return full;
    }
    ReaderLimits {
        row_bytes: 1 + dice.below(80),
        cell_characters: 1 + dice.below(12),
        rows: dice.below(6) as u64,
        json_depth: dice.below(6) as u8,
        ..full
    }
}

/// Reads in one piece and in random pieces: both must give the same, and what they give must hold together.
fn read_and_check(kind: &ReaderKind, input: &[u8], dice: &mut Dice) {
    let limits = limits(dice);
    let whole = read_with(kind.clone(), limits, &[input]);
    let mut chunks = Vec::new();
    let mut rest = input;
    while !rest.is_empty() {
        let (now, next) = rest.split_at(1 + dice.below(rest.len().min(40)));
        chunks.push(now);
        rest = next;
    }
    assert_eq!(
        read_with(kind.clone(), limits, &chunks),
        whole,
        "cut otherwise, read otherwise"
    );
    holds_together(&whole, limits, input);
}

fn holds_together((recording, outcome): &(Recording, ReaderOutcome), limits: ReaderLimits, input: &[u8]) {
    assert!(outcome.rows <= limits.rows);
    assert!(recording.rows().len() as u64 <= outcome.rows);
    let in_sheet = outcome.sheet.is_some();
    let lines = input.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() as u64 + 2;
    let mut columns = 0;
    for event in &recording.events {
        match event {
            Event::Column(index, name, _) => {
                columns = columns.max(index + 1);
                assert!(name.len() <= input.len().max(64 * 1024) + 64);
            }
            Event::Row(number, line, _) => {
                assert!(*number >= 1 && *number <= outcome.rows && *line >= 1);
                assert!(in_sheet || *line <= lines);
            }
            Event::Finding(finding) => {
                let line = finding.line.unwrap_or(1);
                let skipped = finding.code == leleka_domain::Code::CsvHeaderMissing;
                assert!(line >= 1 && (in_sheet || skipped || line <= lines), "{finding:?}");
                assert!(
                    finding.row.is_none_or(|row| row >= 1 && row <= limits.rows + 1),
                    "{finding:?}"
                );
                assert!(
                    finding
                        .value
                        .as_ref()
                        .is_none_or(|value| value.chars().count() <= 64 * 8)
                );
            }
        }
    }
    if outcome.rows > 0 && !recording.rows().is_empty() {
        assert!(columns > 0 || recording.rows().iter().all(|row| row.ends_with(' ')));
    }
}

/// Inputs saved for a target: `corpus/<target>-<what>.<ending>`.
fn saved(target: &str) -> Vec<Vec<u8>> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with(target))
        })
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "no inputs saved for {target}");
    paths.iter().map(|path| std::fs::read(path).unwrap()).collect()
}

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
