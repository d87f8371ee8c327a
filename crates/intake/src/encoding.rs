//! Bytes of a delimited file to UTF-8, strictly.
//!
//! A byte order mark outranks the declared encoding. Bytes that cannot occur are reported, never passed over;
//! the places of single-byte encodings that are not assigned count as such, although web browsers accept them.

use encoding_rs::{Decoder, DecoderResult};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

const DECODED_BYTES: usize = 16 * 1024;

/// An encoding that a file may declare.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    #[default]
    #[serde(rename = "utf-8")]
    Utf8,
    /// The Cyrillic code page of Windows.
    #[serde(rename = "windows-1251")]
    Windows1251,
    /// The Cyrillic code page of older Unix systems, with the Ukrainian letters.
    #[serde(rename = "koi8-u")]
    Koi8U,
    /// The Cyrillic code page of MS-DOS, which has no і and no ґ.
    #[serde(rename = "ibm866")]
    Ibm866,
    /// Latin 1, read as windows-1252, as the WHATWG Encoding Standard has it.
    #[serde(rename = "iso-8859-1")]
    Iso8859_1,
    /// UTF-16 of either byte order, with a byte order mark.
    #[serde(rename = "utf-16")]
    Utf16,
}

impl Encoding {
    /// Every encoding.
    pub const ALL: [Self; 6] = [
        Self::Utf8,
        Self::Windows1251,
        Self::Koi8U,
        Self::Ibm866,
        Self::Iso8859_1,
        Self::Utf16,
    ];

    /// The word in mapping profiles and findings.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Windows1251 => "windows-1251",
            Self::Koi8U => "koi8-u",
            Self::Ibm866 => "ibm866",
            Self::Iso8859_1 => "iso-8859-1",
            Self::Utf16 => "utf-16",
        }
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// The word names none of [`Encoding::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the encoding is none of utf-8, windows-1251, koi8-u, ibm866, iso-8859-1, utf-16")]
pub struct UnknownEncoding;

impl FromStr for Encoding {
    type Err = UnknownEncoding;

    fn from_str(word: &str) -> Result<Self, UnknownEncoding> {
        let mut all = Self::ALL.into_iter();
        all.find(|encoding| encoding.word() == word)
            .ok_or(UnknownEncoding)
    }
}

/// A byte order mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ByteOrderMark {
    Utf8,
    Utf16Little,
    Utf16Big,
}

impl ByteOrderMark {
    const ALL: [(Self, &'static [u8]); 3] = [
        (Self::Utf8, b"\xef\xbb\xbf"),
        (Self::Utf16Little, b"\xff\xfe"),
        (Self::Utf16Big, b"\xfe\xff"),
    ];

    /// The mark at the start of a text, with what follows it.
    pub(crate) fn split(start: &[u8]) -> (Option<Self>, &[u8]) {
        let mut all = Self::ALL.into_iter();
        all.find_map(|(mark, bytes)| start.strip_prefix(bytes).map(|rest| (Some(mark), rest)))
            .unwrap_or((None, start))
    }

    /// Whether more bytes are needed to tell.
    pub(crate) fn is_undecided(start: &[u8]) -> bool {
        let mut all = Self::ALL.into_iter();
        all.any(|(_, bytes)| start.len() < bytes.len() && bytes.starts_with(start))
    }
}

/// One step of decoding.
pub(crate) enum Decoded<'a> {
    /// UTF-8, never empty.
    Text(&'a [u8]),
    /// Bytes that cannot occur stood here.
    Malformed,
}

/// Decodes what is not UTF-8, over as many chunks as it takes.
pub(crate) struct TextDecoder {
    decoder: Decoder,
    unassigned: &'static [u8],
    decoded: Vec<u8>,
    /// The malformed place behind the text given last is still to be told.
    malformed: bool,
    ended: bool,
}

impl fmt::Debug for TextDecoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TextDecoder({})", self.decoder.encoding().name())
    }
}

impl TextDecoder {
    /// The decoder of a file that begins with this mark; `None` for UTF-8, which needs none.
    pub(crate) fn new(declared: Encoding, mark: Option<ByteOrderMark>) -> Option<Self> {
        let (encoding, unassigned): (_, &[u8]) = match (mark, declared) {
            (Some(ByteOrderMark::Utf8), _) | (None, Encoding::Utf8) => return None,
            (Some(ByteOrderMark::Utf16Big), _) => (encoding_rs::UTF_16BE, b""),
            (Some(ByteOrderMark::Utf16Little), _) | (None, Encoding::Utf16) => (encoding_rs::UTF_16LE, b""),
            (None, Encoding::Windows1251) => (encoding_rs::WINDOWS_1251, b"\x98"),
            (None, Encoding::Koi8U) => (encoding_rs::KOI8_U, b""),
            (None, Encoding::Ibm866) => (encoding_rs::IBM866, b""),
            (None, Encoding::Iso8859_1) => (encoding_rs::WINDOWS_1252, b"\x81\x8d\x8f\x90\x9d"),
        };
        Some(Self {
            decoder: encoding.new_decoder_without_bom_handling(),
            unassigned,
            decoded: vec![0; DECODED_BYTES],
            malformed: false,
            ended: false,
        })
    }

    /// The next step, taken from the front of the bytes; `None` when they are used up. After the bytes of the
    /// `last` call nothing more may come.
    pub(crate) fn step(&mut self, bytes: &mut &[u8], last: bool) -> Option<Decoded<'_>> {
        if std::mem::take(&mut self.malformed) {
            return Some(Decoded::Malformed);
        }
        if self.ended || (bytes.is_empty() && !last) {
            return None;
        }
        let assigned = bytes.iter().position(|byte| self.unassigned.contains(byte));
        if assigned == Some(0) {
            *bytes = bytes.get(1..).unwrap_or_default();
            return Some(Decoded::Malformed);
        }
        let part = assigned.and_then(|end| bytes.get(..end)).unwrap_or(bytes);
        let last = last && part.len() == bytes.len();
        let (result, read, written) =
            self.decoder
                .decode_to_utf8_without_replacement(part, &mut self.decoded, last);
        *bytes = bytes.get(read..).unwrap_or_default();
        self.ended = last && result == DecoderResult::InputEmpty;
        let malformed = matches!(result, DecoderResult::Malformed(..));
        if written == 0 {
            return malformed.then_some(Decoded::Malformed);
        }
        self.malformed = malformed;
        self.decoded.get(..written).map(Decoded::Text)
    }
}
