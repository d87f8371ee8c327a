//! Packages built by hand, so that they can be wrong in one place.

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};
use std::io::Write;

/// One entry of an archive, and what its headers claim.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) data: Vec<u8>,
    pub(super) deflated: bool,
    pub(super) flags: u16,
    /// The size that the headers claim, if not the true one.
    pub(super) claimed: Option<u32>,
}

/// An entry with its true sizes.
pub(super) fn part(name: &str, data: impl AsRef<[u8]>) -> Part {
    Part {
        name: name.to_owned(),
        data: data.as_ref().to_vec(),
        deflated: true,
        flags: 0,
        claimed: None,
    }
}

/// An archive of these entries.
pub(super) fn zip(parts: &[Part]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for part in parts {
        let packed = if part.deflated {
            let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(&part.data).unwrap();
            encoder.finish().unwrap()
        } else {
            part.data.clone()
        };
        let mut crc = Crc::new();
        crc.update(&part.data);
        let mut head = Vec::new();
        for number in [20, part.flags, if part.deflated { 8 } else { 0 }, 0, 0x21] {
            head.extend(number.to_le_bytes());
        }
        let size = part.claimed.unwrap_or(part.data.len() as u32);
        for number in [crc.sum(), packed.len() as u32, size] {
            head.extend(number.to_le_bytes());
        }
        head.extend((part.name.len() as u16).to_le_bytes());
        head.extend([0, 0]);
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(&head);
        directory.extend([0; 10]);
        directory.extend((bytes.len() as u32).to_le_bytes());
        directory.extend(part.name.as_bytes());
        bytes.extend(b"PK\x03\x04");
        bytes.extend(&head);
        bytes.extend(part.name.as_bytes());
        bytes.extend(&packed);
    }
    let (count, start) = (parts.len() as u16, bytes.len() as u32);
    bytes.extend(&directory);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend(count.to_le_bytes());
    bytes.extend(count.to_le_bytes());
    bytes.extend((directory.len() as u32).to_le_bytes());
    bytes.extend(start.to_le_bytes());
    bytes.extend([0, 0]);
    bytes
}

/// The parts of a workbook with one sheet of this `sheetData`, and these shared strings.
pub(super) fn workbook_parts(sheet: &str, strings: &str) -> Vec<Part> {
    let relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    vec![
        part("[Content_Types].xml", "<Types/>"),
        part(
            "_rels/.rels",
            format!(
                "<Relationships><Relationship Id=\"r1\" Type=\"{relations}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        part(
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{main}\" xmlns:r=\"{relations}\"><sheets><sheet name=\"Дані\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
            ),
        ),
        part(
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships><Relationship Id=\"r1\" Type=\"{relations}/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"
            ),
        ),
        part(
            "xl/sharedStrings.xml",
            format!("<sst xmlns=\"{main}\">{strings}</sst>"),
        ),
        part(
            "xl/worksheets/sheet1.xml",
            format!("<worksheet xmlns=\"{main}\"><sheetData>{sheet}</sheetData></worksheet>"),
        ),
    ]
}

/// A workbook with one sheet.
pub(super) fn workbook(sheet: &str) -> Vec<u8> {
    zip(&workbook_parts(sheet, ""))
}

/// A cell with a text of its own.
pub(super) fn text_cell(place: &str, text: &str) -> String {
    format!("<c r=\"{place}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
}
