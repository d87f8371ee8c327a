//! Bytes to rows: JSON, NDJSON, CSV, SDMX-CSV and workbooks, pushed in as they arrive, pushed out as rows.
//!
//! Never does I/O, never judges what a cell means: that is the normaliser's work. Never holds more than one row,
//! but for the two kinds that can be read only whole, whose bytes are bounded. Whatever the bytes are, reading
//! ends with rows and findings, not with a panic.
//!
//! | format | framing | a row |
//! |---|---|---|
//! | JSON | RFC 8259, one object with `observations` | an element of `observations` |
//! | NDJSON | lines, LF or CRLF | a line that is not blank |
//! | CSV | RFC 4180 with any delimiter | a record that is not blank, below the header |
//! | CSV, detected | as above, encoding and delimiter found in the whole file | as above |
//! | SDMX-CSV | as CSV, columns of SDMX-CSV 1.0 or 2.x | as above |
//! | XLSX | ZIP with XML, held whole | a row of one sheet that is not blank, below the header |
//!
//! [`GzipInflater`] stands before any of them.

mod carriage;
mod carry;
mod cells;
mod csv;
mod detect;
mod detect_encoding;
mod detected;
mod document;
mod encoding;
mod envelope;
mod gzip;
mod header;
mod markup;
mod members;
mod ndjson;
mod object;
mod package;
mod position;
mod reader;
mod records;
mod rows;
mod sdmx;
mod sdmx_columns;
mod sdmx_structure;
mod sdmx_table;
mod sheet;
mod syntax;
mod value_scan;
mod workbook;

#[cfg(test)]
mod tests;

pub use csv::{CsvLayout, RaggedWidth};
pub use detected::{DetectedLayout, EncodingReason, LineEnd};
pub use encoding::{Encoding, UnknownEncoding};
pub use envelope::Envelope;
pub use gzip::{GzipFault, GzipInflater, GzipLimits};
pub use package::PackageLimits;
pub use reader::{Reader, ReaderKind, ReaderLimits, ReaderOutcome};
pub use sdmx::SdmxLayout;
pub use sdmx_structure::{SdmxDataset, SdmxStructure, SdmxStructureKind, SdmxVersion};
pub use sheet::{SheetChoice, SheetLayout};
pub use workbook::SheetRead;
