//! Receiving a body: bytes are hashed, kept aside, read into rows and normalised, in one pass and in bounded
//! memory. Touches no database.

use crate::centre::Book;
use crate::jobs::Pulse;
use crate::submission::declared::{SubmissionRequest, declared_in};
use crate::submission::spool::{Kept, Spool};
use crate::{ActError, Caller, Centre, SubmissionDeclared};
use leleka_domain::{Code, Finding, RowFormat};
use leleka_intake::{CsvLayout, Encoding, RaggedWidth, Reader, ReaderKind, ReaderLimits};
use leleka_normalise::{Chunk, MappingProfile, Normaliser, NormaliserSettings, Outcome};

/// Why a body did not arrive whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyFault {
    /// More bytes than allowed.
    TooLarge,
    /// Too slow.
    Timeout,
    /// The connection was lost.
    Disconnected,
}

impl BodyFault {
    /// The stable code that tells it.
    #[must_use]
    pub fn code(self) -> Code {
        match self {
            Self::TooLarge => Code::BodyTooLarge,
            Self::Timeout => Code::BodyTimeout,
            Self::Disconnected => Code::RequestMalformed,
        }
    }
}

impl From<BodyFault> for ActError {
    fn from(fault: BodyFault) -> Self {
        Self::refused(fault.code())
    }
}

/// A body that was stored before and is read now.
pub(crate) struct StoredBody<'a> {
    /// Digest of its bytes.
    pub(crate) sha256: [u8; 32],
    /// Their number.
    pub(crate) bytes: u64,
    /// Whom to tell how far the reading is.
    pub(crate) pulse: &'a Pulse,
}

/// A body, received whole.
pub(crate) struct Received {
    pub(crate) kept: Kept,
    pub(crate) outcome: Outcome,
    pub(crate) declared: SubmissionDeclared,
    /// Whether the declaration could be read; a JSON document may break off before it.
    pub(crate) declaration_read: bool,
}

/// Reads the body to its end. Full chunks go to `on_chunk` while it arrives; the last one stays in the outcome.
pub(crate) fn body_receive<B: AsRef<[u8]>, E: Into<ActError>>(
    centre: &Centre,
    book: &Book,
    caller: &Caller,
    request: &SubmissionRequest,
    stored: Option<&StoredBody<'_>>,
    body: impl Iterator<Item = Result<B, E>>,
    on_chunk: impl FnMut(Chunk),
) -> Result<Received, ActError> {
    let profile = request.profile.as_deref();
    let profile = profile.and_then(|code| Some(book.profile(code, &caller.body)?.1));
    // A profile is of one dataflow: nobody has to say it again.
    let dataflow = request.declared.dataflow.as_deref();
    let dataflow = dataflow.or(profile.map(|profile| profile.dataflow.as_str()));
    let settings = NormaliserSettings {
        codebook: &book.codebook,
        body: &caller.body,
        dataflow,
        territory_scope: caller.territory.as_deref(),
        today: request.received_at.date_naive(),
        format: request.format,
        profile,
        lenient: false,
        chunk_rows: centre.settings.chunk_rows,
        findings_kept: centre.settings.findings_kept,
    };
    let limits = ReaderLimits {
        rows: centre.settings.rows,
        ..ReaderLimits::default()
    };
    let mut normaliser = Normaliser::new(settings, on_chunk);
    let mut reader = Reader::new(reader_kind(request, profile), limits);
    let mut spool = match stored {
        None => Some(Spool::new(&centre.settings.spool_dir)),
        Some(_) => None,
    };
    for bytes in body {
        let bytes = bytes.map_err(Into::into)?;
        if let Some(spool) = &mut spool
            && spool.write(bytes.as_ref())? > centre.settings.body_bytes
        {
            return Err(too_large(centre));
        }
        reader.feed(bytes.as_ref(), &mut normaliser);
        if let Some(stored) = stored {
            stored.pulse.done_set(normaliser.rows());
            if stored.pulse.is_stopped() {
                return Err(ActError::refused(Code::JobInterrupted));
            }
        }
    }
    let kept = match (spool, stored) {
        (Some(spool), _) => spool.finish()?,
        (None, Some(stored)) => Kept::stored(stored.sha256, stored.bytes),
        (None, None) => return Err(ActError::WorkerLost),
    };
    digest_check(request, &kept)?;
    let read = reader.finish(&mut normaliser);
    let declaration_read = request.format != RowFormat::Json || read.envelope.is_some();
    let declared = match read.envelope {
        Some(envelope) => declared_in(envelope),
        None => SubmissionDeclared {
            dataflow: dataflow.map(str::to_owned),
            ..request.declared.clone()
        },
    };
    let mut outcome = normaliser.finish(declared.dataflow.as_deref());
    // Rows that could not be read at all never came to the normaliser; they are refused all the same.
    outcome.rows_refused += read.rows.saturating_sub(outcome.rows);
    outcome.rows = outcome.rows.max(read.rows);
    Ok(Received {
        kept,
        outcome,
        declared,
        declaration_read,
    })
}

pub(crate) fn too_large(centre: &Centre) -> ActError {
    ActError::refused_because(Code::BodyTooLarge, centre.settings.body_bytes.to_string())
}

/// Refuses bytes that are not those of which the sender told the digest.
pub(crate) fn digest_check(request: &SubmissionRequest, kept: &Kept) -> Result<(), ActError> {
    match request.content_digest {
        Some(claimed) if claimed != kept.sha256 => Err(ActError::refused(Code::DigestMismatch)),
        Some(_) | None => Ok(()),
    }
}

fn reader_kind(request: &SubmissionRequest, profile: Option<&MappingProfile>) -> ReaderKind {
    match (request.format, profile) {
        (RowFormat::Json, _) => ReaderKind::Json,
        (RowFormat::Ndjson, _) => ReaderKind::Ndjson,
        (RowFormat::Csv, None) => ReaderKind::Csv(CsvLayout {
            encoding: Encoding::Utf8,
            delimiter: request.delimiter,
            skip_rows: 0,
            header_rows: 1,
            width: RaggedWidth::Strict,
        }),
        (RowFormat::Csv, Some(profile)) => ReaderKind::Csv(CsvLayout {
            encoding: encoding_of(profile),
            delimiter: u8::try_from(profile.dialect.delimiter).unwrap_or(b','),
            skip_rows: profile.header.skip_rows,
            header_rows: profile.header.rows,
            width: RaggedWidth::Strict,
        }),
    }
}

fn encoding_of(profile: &MappingProfile) -> Encoding {
    profile.dialect.encoding.parse().unwrap_or(Encoding::Utf8)
}

/// A finding that the mapping profile is not there.
pub(crate) fn profile_unknown(code: &str) -> Finding {
    Finding::error(Code::ProfileUnknown).field("profile").value(code)
}
