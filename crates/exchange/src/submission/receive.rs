//! Receiving a body: bytes are hashed, kept aside, read into rows and normalised, in one pass and in bounded
//! memory. Touches no database.

use crate::centre::Book;
use crate::jobs::Pulse;
use crate::submission::coded::CodedBody;
use crate::submission::declared::{SubmissionRequest, declared_in};
use crate::submission::spool::{Kept, Spool};
use crate::{ActError, Caller, Centre, SubmissionDeclared};
use leleka_domain::{Code, Finding, RowFormat, kyiv_day};
use leleka_intake::{
    CsvLayout, Encoding, RaggedWidth, Reader, ReaderKind, ReaderLimits, ReaderOutcome, SdmxDataset,
    SdmxLayout, SdmxStructureKind, SheetChoice, SheetLayout,
};
use leleka_normalise::{Chunk, MappingProfile, Normaliser, NormaliserSettings, Outcome};
use std::borrow::Cow;

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

/// What a body is read by, and where it comes from.
#[derive(Clone, Copy, Default)]
pub(crate) struct BodyReading<'a> {
    /// The mapping profile, when there is one.
    pub(crate) profile: Option<&'a MappingProfile>,
    /// The body is one that was stored before.
    pub(crate) stored: Option<&'a StoredBody<'a>>,
}

/// Reads the body to its end. Full chunks go to `on_chunk` while it arrives; the last one stays in the outcome.
pub(crate) fn body_receive<B: AsRef<[u8]>, E: Into<ActError>>(
    centre: &Centre,
    book: &Book,
    caller: &Caller,
    request: &SubmissionRequest,
    reading: BodyReading<'_>,
    body: impl Iterator<Item = Result<B, E>>,
    on_chunk: impl FnMut(Chunk),
) -> Result<Received, ActError> {
    let BodyReading { profile, stored } = reading;
    // A profile is of one dataflow: nobody has to say it again.
    let dataflow = request.declared.dataflow.as_deref();
    let dataflow = dataflow.or(profile.map(|profile| profile.dataflow.as_str()));
    let (described, not_described) = sheet_described(request, profile);
    let profile = described.as_deref();
    let settings = NormaliserSettings {
        codebook: &book.codebook,
        body: &caller.body,
        dataflow,
        territory_scope: caller.territory.as_deref(),
        today: kyiv_day(request.received_at),
        format: request.format,
        profile,
        lenient: request.detect,
        chunk_rows: centre.settings.chunk_rows,
        findings_kept: centre.settings.findings_kept,
    };
    let most = centre.settings.body_bytes;
    let limits = ReaderLimits {
        rows: centre.settings.rows,
        whole_bytes: usize::try_from(most).unwrap_or(usize::MAX),
        ..ReaderLimits::default()
    };
    let mut normaliser = Normaliser::new(settings, on_chunk);
    let shape = BodyShape {
        format: request.format,
        delimiter: request.delimiter,
        detect: request.detect,
        sheet: request.sheet.clone(),
    };
    let mut reader = Reader::new(reader_kind(book, &shape, profile), limits);
    let kept = match stored {
        None => body_take(centre, request, body, |bytes| reader.feed(bytes, &mut normaliser))?,
        Some(stored) => {
            for bytes in body {
                let bytes = bytes.map_err(Into::into)?;
                reader.feed(bytes.as_ref(), &mut normaliser);
                stored.pulse.done_set(normaliser.rows());
                if stored.pulse.is_stopped() {
                    return Err(ActError::refused(Code::JobInterrupted));
                }
            }
            Kept::stored(stored.sha256, stored.bytes)
        }
    };
    let nil = request.declared.nil_report == Some(true);
    let read = if nil && kept.bytes == 0 {
        // A report of nothing in lines needs no header either.
        ReaderOutcome::default()
    } else {
        reader.finish(&mut normaliser)
    };
    let declaration_read = request.format != RowFormat::Json || read.envelope.is_some();
    let named = match &read.dataset {
        Some(dataset) => dataflow_named(dataset, caller)?,
        None => None,
    };
    let declared = match read.envelope {
        Some(envelope) => declared_in(envelope),
        None => SubmissionDeclared {
            dataflow: dataflow.or(named.as_deref()).map(str::to_owned),
            ..request.declared.clone()
        },
    };
    if declared.nil_report == Some(true) {
        normaliser.expect_nothing();
    }
    let mut outcome = normaliser.finish(declared.dataflow.as_deref());
    if let Some(finding) = not_described {
        outcome.findings.push(finding);
    }
    if let (Some(asked), Some(named)) = (dataflow, &named)
        && asked != named
    {
        let finding = Finding::error(Code::SdmxDataflowMismatch).field("dataflow");
        outcome.findings.push(finding.value(named).expected(asked));
    }
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

/// Takes a body to its end: out of its coding, kept aside, and given on piece by piece. What a sender claims as
/// the digest of the bytes as sent is compared before anything is done with them.
pub(crate) fn body_take<B: AsRef<[u8]>, E: Into<ActError>>(
    centre: &Centre,
    request: &SubmissionRequest,
    body: impl Iterator<Item = Result<B, E>>,
    mut give: impl FnMut(&[u8]),
) -> Result<Kept, ActError> {
    let most = centre.settings.body_bytes;
    let mut spool = Spool::new(&centre.settings.spool_dir);
    let mut coded = request.gzip.then(|| CodedBody::new(most));
    let mut take = |bytes: &[u8]| {
        if spool.write(bytes)? > most {
            return Err(ActError::refused_because(Code::BodyTooLarge, most.to_string()));
        }
        give(bytes);
        Ok(())
    };
    for bytes in body {
        let bytes = bytes.map_err(Into::into)?;
        match &mut coded {
            None => take(bytes.as_ref())?,
            Some(coded) => coded.take(bytes.as_ref(), &mut take)?,
        }
    }
    let kept = spool.finish()?;
    let sent_sha256 = coded.map_or(Ok(kept.sha256), CodedBody::finish)?;
    match request.content_digest {
        Some(claimed) if claimed != sent_sha256 => Err(ActError::refused(Code::DigestMismatch)),
        Some(_) | None => Ok(kept),
    }
}

/// The profile as it holds for the sheet that is read, and what is wrong when it reads no such sheet.
fn sheet_described<'p>(
    request: &SubmissionRequest,
    profile: Option<&'p MappingProfile>,
) -> (Option<Cow<'p, MappingProfile>>, Option<Finding>) {
    let Some(profile) = profile else {
        return (None, None);
    };
    let asked = request.sheet.as_deref();
    if let Some((_, own)) = profile.for_sheet(asked) {
        return (Some(own), None);
    }
    let listed: Vec<&str> = profile.sheets.keys().map(String::as_str).collect();
    let finding = Finding::error(Code::FileSheetNotDescribed)
        .value(asked.unwrap_or("…"))
        .expected(listed.join(", "));
    (Some(Cow::Borrowed(profile)), Some(finding))
}

/// The sheet that the profile reads, otherwise the one that was asked for.
fn sheet_of(shape: &BodyShape, profile: Option<&MappingProfile>) -> Option<String> {
    let described = profile.and_then(|profile| profile.for_sheet(shape.sheet.as_deref()));
    described.map_or_else(|| shape.sheet.clone(), |(sheet, _)| sheet)
}

/// The dataflow that an SDMX-CSV file names: itself, or through an agreement with this body. A structure that
/// several dataflows share names none.
fn dataflow_named(dataset: &SdmxDataset, caller: &Caller) -> Result<Option<String>, ActError> {
    let id = &dataset.structure.id;
    match dataset.structure.kind {
        SdmxStructureKind::Dataflow => Ok(Some(id.clone())),
        SdmxStructureKind::DataStructure => Ok(None),
        SdmxStructureKind::DataProvision => {
            let flow = id
                .strip_prefix("PA_")
                .and_then(|rest| rest.strip_suffix(&caller.body));
            let flow = flow.and_then(|flow| flow.strip_suffix('_'));
            let other = || ActError::refused_because(Code::ScopeInsufficient, id.clone());
            flow.map(|flow| Some(flow.to_owned())).ok_or_else(other)
        }
    }
}

/// What says how bytes become rows, where no profile says it.
#[derive(Clone, Debug)]
pub(crate) struct BodyShape {
    pub(crate) format: RowFormat,
    pub(crate) delimiter: u8,
    pub(crate) detect: bool,
    pub(crate) sheet: Option<String>,
}

/// How a body of this shape is read.
pub(crate) fn reader_kind(book: &Book, shape: &BodyShape, profile: Option<&MappingProfile>) -> ReaderKind {
    let (skip_rows, header_rows) =
        profile.map_or((0, 1), |profile| (profile.header.skip_rows, profile.header.rows));
    let width = RaggedWidth::Strict;
    match shape.format {
        RowFormat::Json => ReaderKind::Json,
        RowFormat::Ndjson => ReaderKind::Ndjson,
        RowFormat::Csv if shape.detect => ReaderKind::CsvDetected,
        RowFormat::Csv => ReaderKind::Csv(CsvLayout {
            encoding: profile.map_or(Encoding::Utf8, encoding_of),
            delimiter: profile.map_or(shape.delimiter, |profile| {
                u8::try_from(profile.dialect.delimiter).unwrap_or(b',')
            }),
            skip_rows,
            header_rows,
            width,
            columns: profile.map_or(0, MappingProfile::described_columns),
        }),
        RowFormat::SdmxCsv => ReaderKind::SdmxCsv(SdmxLayout {
            dimensions: book
                .codebook
                .catalogue()
                .dimensions
                .iter()
                .map(|dimension| dimension.code.clone())
                .collect(),
        }),
        RowFormat::Xlsx => ReaderKind::Xlsx(SheetLayout {
            sheet: sheet_of(shape, profile).map_or(SheetChoice::FirstWithData, SheetChoice::Named),
            skip_rows,
            header_rows,
            width,
            columns: profile.map_or(0, MappingProfile::described_columns),
        }),
    }
}

fn encoding_of(profile: &MappingProfile) -> Encoding {
    profile.dialect.encoding.parse().unwrap_or(Encoding::Utf8)
}
