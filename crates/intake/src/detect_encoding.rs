//! The encoding of a whole file.
//!
//! Never judges by a beginning: a cut inside a letter makes UTF-8 look like something else. Order: byte order
//! mark, strict UTF-8, UTF-16 without its mark, letter frequencies, code pages that make Cyrillic words, Latin.

use crate::encoding::{ByteOrderMark, Encoding};
use crate::{EncodingReason, workbook};
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FoundEncoding {
    pub(crate) encoding: Encoding,
    pub(crate) reason: EncodingReason,
    /// The mark that decides the byte order: the file's, or the one it should have.
    pub(crate) mark: Option<ByteOrderMark>,
    /// Length of the file's own mark.
    pub(crate) mark_bytes: usize,
    /// A word in which letters were lost, if some were.
    pub(crate) lossy_word: Option<String>,
}

/// The bytes are no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotText;

/// Finds the encoding of a whole file.
pub(crate) fn encoding_find(body: &[u8]) -> Result<FoundEncoding, NotText> {
    let found = |encoding, reason, mark, mark_bytes| FoundEncoding {
        encoding,
        reason,
        mark,
        mark_bytes,
        lossy_word: None,
    };
    let (mark, rest) = ByteOrderMark::split(body);
    let mark_bytes = body.len() - rest.len();
    if let Some(kind) = mark {
        let encoding = match kind {
            ByteOrderMark::Utf8 => Encoding::Utf8,
            ByteOrderMark::Utf16Little | ByteOrderMark::Utf16Big => Encoding::Utf16,
        };
        return Ok(found(encoding, EncodingReason::ByteOrderMark, mark, mark_bytes));
    }
    if workbook::is_container(body) || workbook::is_markup(body) {
        return Err(NotText);
    }
    if let Some(order) = utf16_order(body) {
        return Ok(found(
            Encoding::Utf16,
            EncodingReason::Utf16Pattern,
            Some(order),
            0,
        ));
    }
    if memchr::memchr(0, body).is_some() {
        return Err(NotText);
    }
    if std::str::from_utf8(body).is_ok() {
        return Ok(found(Encoding::Utf8, EncodingReason::ValidUtf8, None, 0));
    }
    let (encoding, reason) = code_page(body);
    Ok(FoundEncoding {
        lossy_word: (encoding == Encoding::Ibm866).then(|| lossy_word(body)).flatten(),
        ..found(encoding, reason, None, 0)
    })
}

/// Text in UTF-16 has digits, delimiters and line ends, whose upper byte is zero, and letters of one or two
/// blocks: every second byte is 0 or the block of Cyrillic nearly everywhere.
fn utf16_order(body: &[u8]) -> Option<ByteOrderMark> {
    if body.len() < 4 || !body.len().is_multiple_of(2) || memchr::memchr(0, body).is_none() {
        return None;
    }
    let units = body.len() / 2;
    let upper = |offset: usize| {
        let bytes = body.iter().skip(offset).step_by(2);
        bytes.filter(|byte| matches!(byte, 0x00 | 0x04)).count()
    };
    let (first, second) = (upper(0), upper(1));
    let most = |count: usize| count * 10 >= units * 9;
    let few = |count: usize| count * 10 < units * 3;
    match (most(first) && few(second), most(second) && few(first)) {
        (true, _) => Some(ByteOrderMark::Utf16Big),
        (_, true) => Some(ByteOrderMark::Utf16Little),
        (false, false) => None,
    }
}

const CYRILLIC: [(Encoding, &encoding_rs::Encoding); 3] = [
    (Encoding::Windows1251, encoding_rs::WINDOWS_1251),
    (Encoding::Koi8U, encoding_rs::KOI8_U),
    (Encoding::Ibm866, encoding_rs::IBM866),
];

/// The single-byte code page. Frequencies decide among the Cyrillic ones only; whether the text is Cyrillic at
/// all is decided by whether words of one alphabet come out: in "Côte" a code page makes one letter Cyrillic.
fn code_page(body: &[u8]) -> (Encoding, EncodingReason) {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(body, true);
    let guess = detector.guess(Some(b"ua"), Utf8Detection::Deny);
    let guessed = CYRILLIC.iter().find(|(_, page)| *page == guess);
    if let Some((encoding, page)) = guessed
        && is_cyrillic(body, page)
    {
        return (*encoding, EncodingReason::LetterFrequency);
    }
    if is_cyrillic(body, encoding_rs::WINDOWS_1251) {
        return (Encoding::Windows1251, EncodingReason::MostlyCyrillic);
    }
    (Encoding::Iso8859_1, EncodingReason::Latin)
}

fn is_cyrillic_letter(letter: char) -> bool {
    matches!(letter, '\u{400}'..='\u{4ff}')
}

/// Whether the words with letters beyond ASCII are mostly made of Cyrillic letters.
fn is_cyrillic(body: &[u8], page: &'static encoding_rs::Encoding) -> bool {
    let (mut cyrillic, mut latin) = (0_u64, 0_u64);
    words(body, |word| {
        let (text, _) = page.decode_without_bom_handling(word);
        for letter in text.chars().filter(|letter| letter.is_alphabetic()) {
            if is_cyrillic_letter(letter) {
                cyrillic += 1;
            } else {
                latin += 1;
            }
        }
        false
    });
    cyrillic > latin
}

/// Calls with each run of letters and marks in which a byte beyond ASCII stands, until told to stop.
fn words(body: &[u8], mut found: impl FnMut(&[u8]) -> bool) {
    let in_word = |byte: &u8| !byte.is_ascii() || byte.is_ascii_alphabetic() || *byte == b'?';
    for word in body.split(|byte| !in_word(byte)) {
        if !word.is_ascii() && found(word) {
            return;
        }
    }
}

/// A Cyrillic word with `?` or a Latin i inside: what code page 866, which has no і and no ґ, left of it.
fn lossy_word(body: &[u8]) -> Option<String> {
    let mut lossy = None;
    words(body, |word| {
        let (text, _) = encoding_rs::IBM866.decode_without_bom_handling(word);
        let letters: Vec<char> = text.trim_matches('?').chars().collect();
        let mut triples = letters.windows(2);
        let lost = triples.any(|pair| match pair {
            [first, second] => {
                let destroyed = |letter: &char| matches!(letter, '?' | 'i' | 'I');
                (destroyed(first) && is_cyrillic_letter(*second))
                    || (is_cyrillic_letter(*first) && destroyed(second))
            }
            _ => false,
        });
        if lost {
            lossy = Some(text.into_owned());
        }
        lost
    });
    lossy
}
