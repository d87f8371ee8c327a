//! Receiving a body: bytes are hashed, kept aside, read into rows and normalised, in one pass and in bounded
//! memory. Touches no database.

use crate::centre::Book;
use crate::submission::declared::{SubmissionRequest, declared_in};
use crate::submission::spool::{Kept, Spool};
use crate::{ActError, Caller, Centre, SubmissionDeclared};
use leleka_domain::{Code, Finding, RowFormat};
use leleka_intake::{CsvLayout, Encoding, RaggedWidth, Reader, ReaderKind, ReaderLimits, ReaderOutcome};
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

/// A body, received whole.
pub(crate) struct Received {
    pub(crate) kept: Kept,
    pub(crate) outcome: Outcome,
    pub(crate) declared: SubmissionDeclared,
    /// Whether the declaration could be read; a JSON document may break off before it.
    pub(crate) declaration_read: bool,
}

/// Reads the body to its end. Full chunks go to `on_chunk` while it arrives; the last one stays in the outcome.
pub(crate) fn body_receive<B: AsRef<[u8]>>(
    centre: &Centre,
    book: &Book,
    caller: &Caller,
    request: &SubmissionRequest,
    profile: Option<&MappingProfile>,
    body: impl Iterator<Item = Result<B, BodyFault>>,
    on_chunk: impl FnMut(Chunk),
) -> Result<Received, ActError> {
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
    let mut spool = Spool::new(&centre.settings.spool_dir);
    for bytes in body {
        let bytes = bytes.map_err(|fault| ActError::refused(fault.code()))?;
        if spool.write(bytes.as_ref())? > centre.settings.body_bytes {
            return Err(ActError::refused_because(
                Code::BodyTooLarge,
                centre.settings.body_bytes.to_string(),
            ));
        }
        reader.feed(bytes.as_ref(), &mut normaliser);
    }
    let kept = spool.finish()?;
    if request
        .content_digest
        .is_some_and(|claimed| claimed != kept.sha256)
    {
        return Err(ActError::refused(Code::DigestMismatch));
    }
    let nil = request.declared.nil_report == Some(true);
    let read = if nil && kept.bytes == 0 {
        // A report of nothing in lines needs no header either.
        ReaderOutcome {
            rows: 0,
            envelope: None,
        }
    } else {
        reader.finish(&mut normaliser)
    };
    let declaration_read = request.format != RowFormat::Json || read.envelope.is_some();
    let declared = match read.envelope {
        Some(envelope) => declared_in(envelope),
        None => SubmissionDeclared {
            dataflow: dataflow.map(str::to_owned),
            ..request.declared.clone()
        },
    };
    if declared.nil_report == Some(true) {
        normaliser.expect_nothing();
    }
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
