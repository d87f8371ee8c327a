//! What the readers make of real and broken input. Each test says what was sent and what came out.

mod csv;
mod detected;
mod encodings;
mod fuzz;
mod fuzz_targets;
mod gzip;
mod hostile_workbooks;
mod json;
mod ndjson;
mod packages;
mod properties;
mod real_files;
mod sdmx;
mod workbooks;

use crate::{CsvLayout, Encoding, RaggedWidth, Reader, ReaderKind, ReaderLimits, ReaderOutcome};
use leleka_domain::{CellKind, Code, Column, ColumnOrigin, Finding, Row, RowSink};

/// One thing that a reader pushed.
#[derive(Clone, Debug, PartialEq)]
enum Event {
    Column(usize, String, ColumnOrigin),
    Row(u64, u64, Vec<(String, CellKind)>),
    Finding(Box<Finding>),
}

/// Everything that a reader pushed, in order.
#[derive(Debug, Default, PartialEq)]
struct Recording {
    events: Vec<Event>,
}

impl RowSink for Recording {
    fn column(&mut self, column: Column<'_>) {
        self.events
            .push(Event::Column(column.index, column.name.to_owned(), column.origin));
    }

    fn row(&mut self, row: Row<'_>) {
        let cells = row
            .cells
            .iter()
            .map(|cell| (cell.text.to_string(), cell.kind))
            .collect();
        self.events.push(Event::Row(row.number, row.line, cells));
    }

    fn finding(&mut self, finding: Finding) {
        self.events.push(Event::Finding(Box::new(finding)));
    }
}

impl Recording {
    fn columns(&self) -> Vec<&str> {
        let columns = self.events.iter().filter_map(|event| match event {
            Event::Column(_, name, _) => Some(name.as_str()),
            Event::Row(..) | Event::Finding(_) => None,
        });
        columns.collect()
    }

    fn findings(&self) -> Vec<&Finding> {
        let findings = self.events.iter().filter_map(|event| match event {
            Event::Finding(finding) => Some(&**finding),
            Event::Row(..) | Event::Column(..) => None,
        });
        findings.collect()
    }

    /// Each finding as `code row:line pointer`, with `-` for what it does not have.
    fn told(&self) -> Vec<String> {
        let or_dash = |number: Option<u64>| number.map_or("-".to_owned(), |number| number.to_string());
        let told = self.findings().into_iter().map(|finding| {
            let pointer = finding.pointer.as_deref().unwrap_or("-");
            format!(
                "{} {}:{} {pointer}",
                finding.code,
                or_dash(finding.row),
                or_dash(finding.line)
            )
        });
        told.collect()
    }

    fn codes(&self) -> Vec<Code> {
        self.findings().into_iter().map(|finding| finding.code).collect()
    }

    /// Each row as `number:line cell|cell`; an absent cell is `-`, a null `null`, a text stands in quotes.
    fn rows(&self) -> Vec<String> {
        let rows = self.events.iter().filter_map(|event| match event {
            Event::Row(number, line, cells) => {
                let cells: Vec<_> = cells.iter().map(shown).collect();
                Some(format!("{number}:{line} {}", cells.join("|")))
            }
            Event::Column(..) | Event::Finding(_) => None,
        });
        rows.collect()
    }

    /// Rows of a file: texts without quotes.
    fn records(&self) -> Vec<String> {
        self.rows().into_iter().map(|row| row.replace('"', "")).collect()
    }
}

fn shown((text, kind): &(String, CellKind)) -> String {
    match kind {
        CellKind::Absent => "-".to_owned(),
        CellKind::Null => "null".to_owned(),
        CellKind::Text => format!("\"{text}\""),
        CellKind::Number => text.clone(),
        CellKind::Other => format!("?{text}"),
    }
}

fn read_with(kind: ReaderKind, limits: ReaderLimits, chunks: &[&[u8]]) -> (Recording, ReaderOutcome) {
    let mut recording = Recording::default();
    let mut reader = Reader::new(kind, limits);
    for chunk in chunks {
        reader.feed(chunk, &mut recording);
    }
    let outcome = reader.finish(&mut recording);
    (recording, outcome)
}

fn read(kind: ReaderKind, bytes: impl AsRef<[u8]>) -> Recording {
    read_with(kind, ReaderLimits::default(), &[bytes.as_ref()]).0
}

/// The plain layout of the wire: UTF-8, comma, one header row.
const PLAIN: CsvLayout = CsvLayout {
    encoding: Encoding::Utf8,
    delimiter: b',',
    skip_rows: 0,
    header_rows: 1,
    width: RaggedWidth::Strict,
    columns: 0,
};
