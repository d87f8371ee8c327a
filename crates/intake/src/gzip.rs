//! gzip to bytes, pushed in as they arrive, pushed out as soon as they are known.
//!
//! Never holds more than one small buffer, and never gives out more than its limits: output is counted against a
//! ceiling, and against the input it came from. Framing by RFC 1952: several members may follow each other;
//! anything else behind a member is a fault. Ratio and ceiling: the profile of limits in `docs/formats.md`.

use flate2::{Crc, Decompress, FlushDecompress, Status};

const BUFFER_BYTES: usize = 16 * 1024;
const MAGIC: [u8; 2] = [0x1f, 0x8b];
const DEFLATE: u8 = 8;
const HEADER_BYTES: usize = 10;
const FLAG_CHECKSUM: u8 = 1 << 1;
const FLAG_EXTRA: u8 = 1 << 2;
const FLAG_NAME: u8 = 1 << 3;
const FLAG_COMMENT: u8 = 1 << 4;
const FLAGS_RESERVED: u8 = 0b1110_0000;

/// What a compressed body may become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GzipLimits {
    /// Most bytes that come out.
    pub inflated_bytes: u64,
    /// Most bytes that come out of one byte, on the whole.
    pub ratio: u64,
    /// So many bytes may come out whatever the ratio: short texts of one letter compress well.
    pub ratio_floor: u64,
}

impl Default for GzipLimits {
    /// Figures in text compress to a fifth or a tenth; a ratio of twenty leaves room and stops bombs.
    fn default() -> Self {
        Self {
            inflated_bytes: 64 * 1024 * 1024,
            ratio: 20,
            ratio_floor: 1024 * 1024,
        }
    }
}

/// Why a compressed body cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GzipFault {
    /// It does not begin as gzip does, or with options that RFC 1952 does not have.
    #[error("this is not gzip")]
    NotGzip,
    /// The compressed data contradict themselves, or their checksum or length is another.
    #[error("the gzip data are damaged")]
    Damaged,
    /// It ends before its last member ends.
    #[error("the gzip data break off")]
    Truncated,
    /// Something that is no gzip stands behind the last member.
    #[error("something stands behind the gzip data")]
    TrailingBytes,
    /// More bytes would come out than allowed.
    #[error("the gzip data become more than {0} bytes")]
    TooLarge(u64),
    /// So many times more bytes would come out than went in: a body made to fill memory.
    #[error("the gzip data become more than {0} times larger")]
    RatioTooHigh(u64),
}

impl GzipFault {
    /// Whether the body is refused for its size, not for its form.
    #[must_use]
    pub fn is_too_large(self) -> bool {
        matches!(self, Self::TooLarge(_) | Self::RatioTooHigh(_))
    }
}

#[derive(Clone, Copy, Debug)]
enum Step {
    /// Fixed part of a member's header: bytes read.
    Header,
    /// Length of the extra field.
    ExtraLength,
    /// Extra field: bytes left.
    Extra(usize),
    Name,
    Comment,
    HeaderChecksum,
    Deflate,
    Trailer,
}

/// Inflates one body.
#[derive(Debug)]
pub struct GzipInflater {
    limits: GzipLimits,
    step: Step,
    /// Bytes of the field being read, for fields of fixed length.
    field: Vec<u8>,
    flags: u8,
    header_crc: Crc,
    member_crc: Crc,
    deflate: Decompress,
    buffer: Vec<u8>,
    taken: u64,
    given: u64,
    members: u64,
    fault: Option<GzipFault>,
}

impl GzipInflater {
    /// Before the first byte.
    #[must_use]
    pub fn new(limits: GzipLimits) -> Self {
        Self {
            limits,
            step: Step::Header,
            field: Vec::new(),
            flags: 0,
            header_crc: Crc::new(),
            member_crc: Crc::new(),
            deflate: Decompress::new(false),
            buffer: vec![0; BUFFER_BYTES],
            taken: 0,
            given: 0,
            members: 0,
            fault: None,
        }
    }

    /// Takes the next bytes; hands on what comes out of them.
    ///
    /// # Errors
    /// The first fault; after it every call answers the same.
    pub fn feed(&mut self, bytes: &[u8], sink: &mut impl FnMut(&[u8])) -> Result<(), GzipFault> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        let mut rest = bytes;
        let fed = self.run(&mut rest, sink);
        self.fault = fed.err();
        fed
    }

    /// Ends the body.
    ///
    /// # Errors
    /// When it broke off, or had a fault before.
    pub fn finish(self) -> Result<(), GzipFault> {
        match self.fault {
            Some(fault) => Err(fault),
            None if self.members > 0 && matches!(self.step, Step::Header) && self.field.is_empty() => Ok(()),
            None => Err(GzipFault::Truncated),
        }
    }

    fn run(&mut self, rest: &mut &[u8], sink: &mut impl FnMut(&[u8])) -> Result<(), GzipFault> {
        while !rest.is_empty() {
            match self.step {
                Step::Deflate => self.inflate(rest, sink)?,
                Step::Trailer => {
                    if self.field_take(rest, 8, false) {
                        self.trailer_check()?;
                    }
                }
                Step::Header
                | Step::ExtraLength
                | Step::Extra(_)
                | Step::Name
                | Step::Comment
                | Step::HeaderChecksum => self.header_read(rest)?,
            }
        }
        Ok(())
    }

    fn header_read(&mut self, rest: &mut &[u8]) -> Result<(), GzipFault> {
        match self.step {
            Step::Header => {
                let whole = self.field_take(rest, HEADER_BYTES, true);
                self.magic_check()?;
                if whole {
                    self.flags = self.field.get(3).copied().unwrap_or(0);
                    self.after_header(FLAG_EXTRA, Step::ExtraLength);
                }
            }
            Step::ExtraLength => {
                if self.field_take(rest, 2, true) {
                    let length = self.field_number(2);
                    self.field.clear();
                    self.step = Step::Extra(length);
                    if length == 0 {
                        self.after_header(FLAG_NAME, Step::Name);
                    }
                }
            }
            Step::Extra(left) => {
                let (passed, next) = rest.split_at_checked(left).unwrap_or((rest, &[]));
                self.header_crc.update(passed);
                *rest = next;
                self.step = Step::Extra(left - passed.len());
                if left == passed.len() {
                    self.after_header(FLAG_NAME, Step::Name);
                }
            }
            Step::Name | Step::Comment => {
                let end = memchr::memchr(0, rest);
                let used = end.map_or(rest.len(), |place| place + 1);
                let (passed, next) = rest.split_at_checked(used).unwrap_or((rest, &[]));
                self.header_crc.update(passed);
                *rest = next;
                match (end, self.step) {
                    (Some(_), Step::Name) => self.after_header(FLAG_COMMENT, Step::Comment),
                    (Some(_), _) => self.after_header(FLAG_CHECKSUM, Step::HeaderChecksum),
                    (None, _) => {}
                }
            }
            Step::HeaderChecksum => {
                if self.field_take(rest, 2, false) {
                    let told = self.field_number(2);
                    if told != (self.header_crc.sum() & 0xffff) as usize {
                        return Err(GzipFault::Damaged);
                    }
                    self.member_begin();
                }
            }
            Step::Deflate | Step::Trailer => {}
        }
        Ok(())
    }

    /// Goes to the next optional field that the flags announce, from this one on.
    fn after_header(&mut self, first: u8, step: Step) {
        self.field.clear();
        let fields = [
            (FLAG_EXTRA, Step::ExtraLength),
            (FLAG_NAME, Step::Name),
            (FLAG_COMMENT, Step::Comment),
            (FLAG_CHECKSUM, Step::HeaderChecksum),
        ];
        let from = fields.iter().position(|(flag, _)| *flag == first).unwrap_or(0);
        let next = fields.iter().skip(from).find(|(flag, _)| self.flags & flag != 0);
        self.step = step;
        match next {
            Some((_, next)) => self.step = *next,
            None => self.member_begin(),
        }
    }

    fn member_begin(&mut self) {
        self.field.clear();
        self.deflate.reset(false);
        self.member_crc.reset();
        self.step = Step::Deflate;
    }

    fn magic_check(&self) -> Result<(), GzipFault> {
        let wrong = self
            .field
            .iter()
            .zip(MAGIC.iter().chain(&[DEFLATE]))
            .any(|(byte, wanted)| byte != wanted);
        let reserved = self.field.get(3).is_some_and(|flags| flags & FLAGS_RESERVED != 0);
        match (wrong || reserved, self.members) {
            (false, _) => Ok(()),
            (true, 0) => Err(GzipFault::NotGzip),
            (true, _) => Err(GzipFault::TrailingBytes),
        }
    }

    /// Collects bytes of a field; says whether it is whole.
    fn field_take(&mut self, rest: &mut &[u8], length: usize, of_header: bool) -> bool {
        if self.field.is_empty() && matches!(self.step, Step::Header) {
            self.header_crc.reset();
        }
        let wanted = length.saturating_sub(self.field.len());
        let (passed, next) = rest.split_at_checked(wanted).unwrap_or((rest, &[]));
        self.field.extend_from_slice(passed);
        self.taken += passed.len() as u64;
        if of_header {
            self.header_crc.update(passed);
        }
        *rest = next;
        self.field.len() >= length
    }

    /// The first bytes of the field as a number, least significant byte first.
    fn field_number(&self, bytes: usize) -> usize {
        let bytes = self.field.iter().take(bytes).rev();
        bytes.fold(0, |number, byte| (number << 8) | usize::from(*byte))
    }

    fn inflate(&mut self, rest: &mut &[u8], sink: &mut impl FnMut(&[u8])) -> Result<(), GzipFault> {
        loop {
            let (taken, given) = (self.deflate.total_in(), self.deflate.total_out());
            let status = self
                .deflate
                .decompress(rest, &mut self.buffer, FlushDecompress::None)
                .map_err(|_| GzipFault::Damaged)?;
            let taken = self.deflate.total_in() - taken;
            let given = self.deflate.total_out() - given;
            let used = usize::try_from(taken).unwrap_or(usize::MAX);
            *rest = rest.get(used..).unwrap_or_default();
            self.taken += taken;
            self.given += given;
            self.limits_check()?;
            let length = usize::try_from(given).unwrap_or(0);
            if let Some(piece) = self.buffer.get(..length).filter(|piece| !piece.is_empty()) {
                self.member_crc.update(piece);
                sink(piece);
            }
            if status == Status::StreamEnd {
                self.field.clear();
                self.step = Step::Trailer;
                return Ok(());
            }
            if taken == 0 && given == 0 {
                // Without progress more input is needed; with input left there is nothing to wait for.
                return if rest.is_empty() {
                    Ok(())
                } else {
                    Err(GzipFault::Damaged)
                };
            }
        }
    }

    fn limits_check(&self) -> Result<(), GzipFault> {
        let GzipLimits {
            inflated_bytes,
            ratio,
            ratio_floor,
        } = self.limits;
        if self.given > inflated_bytes {
            return Err(GzipFault::TooLarge(inflated_bytes));
        }
        if self.given > ratio_floor && self.given > self.taken.saturating_mul(ratio) {
            return Err(GzipFault::RatioTooHigh(ratio));
        }
        Ok(())
    }

    fn trailer_check(&mut self) -> Result<(), GzipFault> {
        let checksum = self.field_number(4);
        let length = self.field.iter().skip(4).rev();
        let length = length.fold(0_u32, |number, byte| (number << 8) | u32::from(*byte));
        if checksum != self.member_crc.sum() as usize || length != self.member_crc.amount() {
            return Err(GzipFault::Damaged);
        }
        self.field.clear();
        self.members += 1;
        self.step = Step::Header;
        Ok(())
    }
}
