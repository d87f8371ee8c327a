//! What is wrong with a piece of JSON, where, and what would be right.
//!
//! Expectations are written in JSON's own signs, so that they read the same in both languages.

use crate::position::Position;
use leleka_domain::{Code, Finding};

/// A finding at a byte of a line.
pub(crate) fn syntax_finding(position: Position, wanted: &str) -> Finding {
    let mut finding = Finding::error(Code::JsonSyntax);
    finding.line = Some(position.line);
    finding.expected(format!("byte {}: {wanted}", position.column + 1))
}

/// A finding from a parser's error in a part of a text; the text begins at `start`, the part at `offset` in it.
pub(crate) fn syntax_error_finding(
    error: &serde_json::Error,
    start: Position,
    text: &str,
    offset: usize,
) -> Finding {
    let part = text.as_bytes().get(offset..).unwrap_or_default();
    let lines_before = error.line().saturating_sub(1);
    let line_begin = match lines_before.checked_sub(1) {
        None => 0,
        Some(last) => memchr::memchr_iter(b'\n', part).nth(last).map_or(0, |at| at + 1),
    };
    let fault = offset + line_begin + fault_column(error, part.get(line_begin..).unwrap_or_default());
    let before = text.as_bytes().get(..fault).unwrap_or(text.as_bytes());
    syntax_finding(start.after(before), &wanted(error))
}

/// Bytes of the line in front of the fault. The parser counts columns from 1, says 0 for a fault in front of the
/// first byte, and stops one short of a bare control character in a value that it skips.
fn fault_column(error: &serde_json::Error, line: &[u8]) -> usize {
    let column = error.column().saturating_sub(1);
    let bare = match line.get(column..).unwrap_or_default() {
        [first, second, ..] => *first >= b' ' && *second < b' ',
        _ => false,
    };
    column + usize::from(bare && is_control_character(&error.to_string()))
}

fn is_control_character(message: &str) -> bool {
    message.starts_with("control character")
}

/// Where a part of a text begins in it.
pub(crate) fn offset_in(text: &str, part: &str) -> usize {
    part.as_ptr().addr().saturating_sub(text.as_ptr().addr())
}

fn wanted(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or_default();
    let signs = match message {
        "expected `,` or `}`" | "EOF while parsing an object" => "`,` | `}`",
        "expected `,` or `]`" | "EOF while parsing a list" => "`,` | `]`",
        "expected `:`" => "`:`",
        "key must be a string" | "trailing comma" | "expected `\"`" | "EOF while parsing a string" => "`\"`",
        "expected value" | "EOF while parsing a value" => "`\"…\"` | 0-9 | `null`",
        "expected ident" => "`true` | `false` | `null`",
        "invalid number" => "0-9",
        "trailing characters" => "`\\n`",
        "invalid escape" => "`\\\\` | `\\\"` | `\\n` | `\\uXXXX`",
        "lone leading surrogate in hex escape" | "unexpected end of hex escape" => "`\\uXXXX\\uXXXX`",
        other if is_control_character(other) => "`\\u00XX`",
        other => other,
    };
    signs.to_owned()
}
