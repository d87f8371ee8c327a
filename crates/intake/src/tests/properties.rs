//! What holds for any input: chunks change nothing, nothing panics, what was written is read.

use super::{Event, PLAIN, read, read_with};
use crate::{CsvLayout, Encoding, RaggedWidth, ReaderKind, ReaderLimits};
use leleka_domain::CellKind;
use proptest::prelude::*;
use proptest::sample::Index;

fn kinds() -> impl Strategy<Value = ReaderKind> {
    let layout = (
        0..Encoding::ALL.len(),
        prop_oneof![Just(b','), Just(b';')],
        0..3_u32,
        1..4_u32,
        any::<bool>(),
    );
    let files = layout.prop_map(|(encoding, delimiter, skip_rows, header_rows, strict)| {
        let width = if strict {
            RaggedWidth::Strict
        } else {
            RaggedWidth::Cut
        };
        let encoding = Encoding::ALL[encoding];
        ReaderKind::Csv(CsvLayout {
            encoding,
            delimiter,
            skip_rows,
            header_rows,
            width,
            columns: 0,
        })
    });
    prop_oneof![1 => Just(ReaderKind::Json), 1 => Just(ReaderKind::Ndjson), 2 => files]
}

/// Limits small enough to be met.
fn limits() -> impl Strategy<Value = ReaderLimits> {
    (1..60_usize, 1..10_usize, 0..8_u64, 0..6_u8).prop_map(
        |(row_bytes, cell_characters, rows, json_depth)| ReaderLimits {
            row_bytes,
            cell_characters,
            rows,
            json_depth,
            ..ReaderLimits::default()
        },
    )
}

/// Bytes that look like one of the formats, cut and broken in a few places.
fn broken_input() -> impl Strategy<Value = Vec<u8>> {
    let tokens = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\\",
        "\n",
        "\r",
        "\r\n",
        ";",
        " ",
        "\u{feff}",
        "Київ",
        "1",
        "-2.5",
        "null",
        "\"observations\":[",
        "\"kind\":\"x\",",
        "{\"v\":1}",
        "{\"v\":\"a\\u0041\"},",
        "{\"dimensions\":{\"d\":[",
        "a,b,c\n",
        "1,\"2\",3\r\n",
        "\"x\"\"y\"",
        "\\ud800",
        "\0",
    ]);
    let pieces = prop_oneof![
        8 => tokens.prop_map(|token| token.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 1..4),
    ];
    let whole = prop_oneof![
        3 => Just(Vec::new()),
        2 => Just(b"{\"observations\":[".to_vec()),
        1 => Just(b"\xff\xfe".to_vec()),
        1 => Just(b"\xef\xbb\xbf".to_vec()),
    ];
    (whole, prop::collection::vec(pieces, 0..60)).prop_map(|(start, rest)| [start, rest.concat()].concat())
}

fn chunks<'a>(bytes: &'a [u8], cuts: &[Index]) -> Vec<&'a [u8]> {
    let mut places: Vec<_> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
    places.extend([0, bytes.len()]);
    places.sort_unstable();
    places.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect()
}

fn cells_of(events: &[Event]) -> Vec<Vec<(String, CellKind)>> {
    let rows = events.iter().filter_map(|event| match event {
        Event::Row(_, _, cells) => Some(cells.clone()),
        Event::Column(..) | Event::Finding(_) => None,
    });
    rows.collect()
}

fn quoted(cell: &str, always: bool) -> String {
    let needed = cell.contains([',', '"', '\n', '\r']);
    if needed || always {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn chunks_change_nothing(
        kind in kinds(), limits in limits(), sent in broken_input(), cuts in prop::collection::vec(any::<Index>(), 0..8),
    ) {
        let whole = read_with(kind.clone(), limits, &[&sent]);
        prop_assert_eq!(&read_with(kind.clone(), limits, &chunks(&sent, &cuts)), &whole);
        let bytes: Vec<_> = sent.chunks(1).collect();
        prop_assert_eq!(&read_with(kind, limits, &bytes), &whole);
    }

    #[test]
    fn any_bytes_are_read_to_their_end(kind in kinds(), sent in prop::collection::vec(any::<u8>(), 0..300)) {
        let (recording, outcome) = read_with(kind, ReaderLimits::default(), &[&sent]);
        prop_assert!(recording.rows().len() as u64 <= outcome.rows);
    }

    #[test]
    fn one_broken_byte_never_panics_and_never_adds_rows(place in any::<Index>(), byte in any::<u8>()) {
        let mut sent = "{\"observations\":[{\"v\":1,\"s\":\"Київ\"},{\"v\":\"\\u0456\",\"dimensions\":{\"d\":null}}],\"kind\":\"original\"}"
            .as_bytes()
            .to_vec();
        let place = place.index(sent.len());
        sent[place] = byte;
        let (recording, outcome) = read_with(ReaderKind::Json, ReaderLimits::default(), &[&sent]);
        prop_assert!(recording.rows().len() as u64 <= outcome.rows);
        prop_assert!(outcome.envelope.is_some() || !recording.findings().is_empty());
        prop_assert!(std::str::from_utf8(&sent).is_ok() || !recording.findings().is_empty());
    }

    #[test]
    fn a_row_is_never_delivered_under_a_column_not_announced(sent in broken_input(), kind in kinds()) {
        let mut columns = 0;
        for event in read(kind, &sent).events {
            match event {
                Event::Column(index, ..) => {
                    prop_assert_eq!(index, columns);
                    columns += 1;
                }
                Event::Row(_, _, cells) => prop_assert!(cells.len() <= columns),
                Event::Finding(_) => {}
            }
        }
    }

    #[test]
    fn printed_files_are_read_back(
        records in prop::collection::vec(prop::collection::vec(("[ -~а-яіїєґ\n\r]{0,12}", any::<bool>()), 3), 0..20),
        line_end in prop::sample::select(vec!["\n", "\r\n", "\r"]),
    ) {
        let mut sent = format!("a,b,c{line_end}");
        for record in &records {
            let cells: Vec<_> = record.iter().map(|(cell, always)| quoted(cell, *always)).collect();
            sent.push_str(&cells.join(","));
            sent.push_str(line_end);
        }
        let recording = read(ReaderKind::Csv(PLAIN), sent);
        let blank = |record: &[(String, bool)]| record.iter().all(|(cell, _)| cell.trim().is_empty());
        let printed: Vec<Vec<_>> = records
            .iter()
            .filter(|record| !blank(record))
            .map(|record| record.iter().map(|(cell, _)| (cell.clone(), CellKind::Text)).collect())
            .collect();
        prop_assert_eq!(cells_of(&recording.events), printed);
        prop_assert!(recording.findings().is_empty());
    }

    #[test]
    fn printed_json_is_read_back(
        rows in prop::collection::vec((".{0,20}", any::<i64>(), any::<Option<bool>>(), "\\PC{0,8}"), 1..20),
    ) {
        let objects: Vec<_> = rows
            .iter()
            .map(|(text, number, flag, code)| {
                serde_json::json!({ "a": text, "b": number, "c": flag, "dimensions": { "d": code } }).to_string()
            })
            .collect();
        let cells: Vec<Vec<_>> = rows
            .iter()
            .map(|(text, number, flag, code)| vec![
                (text.clone(), CellKind::Text),
                (number.to_string(), CellKind::Number),
                match flag {
                    Some(flag) => (flag.to_string(), CellKind::Other),
                    None => (String::new(), CellKind::Null),
                },
                (code.clone(), CellKind::Text),
            ])
            .collect();
        let lines = read(ReaderKind::Ndjson, objects.join("\n"));
        prop_assert_eq!(&cells_of(&lines.events), &cells);
        let document = read(ReaderKind::Json, format!("{{\"observations\":[{}]}}", objects.join(",\n")));
        prop_assert_eq!(&cells_of(&document.events), &cells);
        prop_assert!(lines.findings().is_empty() && document.findings().is_empty());
    }
}
