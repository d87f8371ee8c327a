//! A centre of its own with three bodies that deliver, and the draws of a history.

use super::definitions::{documents, read_all};
use chrono::{DateTime, Utc};
use leleka_access::{AccessGrant, Role, SignatureAlgorithm, SigningKey};
use leleka_domain::{Clock, DefinitionState, IdSource, RequestId, RowFormat, SubmissionId};
use leleka_exchange::{
    Caller, Centre, CentreSettings, ClientRegistration, RetractionRequest, SubmissionDeclared,
    SubmissionRequest, client_register, submission_accept, submission_retract,
};
use leleka_store::{
    DefinitionActor, LogEntry, LogOutcome, Migrator, NewDefinition, Store, StoreOptions, Tx,
    definition_insert_in_tx, expectation_keep_in_tx,
};
use leleka_testkit::{Cluster, TestDatabase, open_folder};
use serde_json::{Value, json};

const LVIV: &str = "UA46000000000026241";
const VINNYTSIA: &str = "UA05000000000010236";
const KYIV: &str = "UA80000000000093317";
/// Around a year with week 53 and the year after it.
const WEEKS: [&str; 16] = [
    "2020-W50", "2020-W51", "2020-W52", "2020-W53", "2021-W01", "2021-W02", "2021-W03", "2021-W05",
    "2021-W24", "2021-W49", "2021-W50", "2021-W51", "2021-W52", "2022-W01", "2022-W02", "2022-W03",
];

/// Draws, the same for the same seed.
pub(super) struct Draws(u64);

impl Draws {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(super) fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % most
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.below(of.len() as u64)).unwrap()]
    }
}

/// A delivery that was accepted.
struct Delivered {
    caller: usize,
    id: SubmissionId,
    dataflow: &'static str,
}

/// The centre and what happened so far.
pub(super) struct World {
    pub(super) database: TestDatabase,
    pub(super) centre: Centre,
    callers: Vec<Caller>,
    delivered: Vec<Delivered>,
    /// What was done, for the message of a failure.
    pub(super) story: Vec<String>,
    _folder: tempfile::TempDir,
}

impl World {
    pub(super) fn new() -> Self {
        let (database, folder) = (Cluster::shared().database(), open_folder());
        database
            .execute(
                "insert into metric_definition_event (code, version, number, from_state, to_state, comment) \
                      select code, version, 2, 'published', 'retired', 'this test has its own' \
                      from metric_definition_event where number = 1 and to_state = 'published' \
                      and not exists (select from metric_definition_event e where e.code = metric_definition_event.code \
                      and e.version = metric_definition_event.version and e.number = 2); \
                      delete from metric_dirty; \
                      update agreement set state = 'suspended' where body like 'DMS_TO_%' \
                      and body not in ('DMS_TO_46', 'DMS_TO_05')",
            )
            .unwrap();
        let clock = Clock::fixed("2023-03-01T08:00:00Z".parse().unwrap());
        let mut migrator = Migrator::connect(&database.url).unwrap();
        let bodies = [
            ("DMS", Role::AgencySubmitter, None),
            ("DMS_TO_46", Role::TerritorialOffice, Some(LVIV)),
            ("SSSU", Role::AgencySubmitter, None),
        ];
        let callers =
            bodies.map(|(body, role, territory)| caller(&mut migrator, &clock, body, role, territory));
        let store = Store::open(&StoreOptions {
            url: database.url.clone(),
            writers: 2,
            readers: 2,
            reader_statement_ms: 15_000,
            writer_lock_ms: 15_000,
        });
        let store = store.unwrap();
        migrator
            .write(&log_entry(), |tx: &mut Tx<'_>| {
                expectation_keep_in_tx(tx)?;
                for (document, read) in documents().iter().zip(read_all()) {
                    let sha256: [u8; 32] = std::array::from_fn(|place| {
                        u8::from_str_radix(&read.body_sha256[2 * place..2 * place + 2], 16).unwrap()
                    });
                    let added = NewDefinition {
                        code: &read.code,
                        version: 1,
                        content: document,
                        content_sha256: &sha256,
                        proposal: None,
                    };
                    let actor = DefinitionActor {
                        client_id: None,
                        body: None,
                        comment: "",
                    };
                    definition_insert_in_tx(tx, &added, DefinitionState::Published, actor)?;
                }
                Ok::<(), leleka_store::StoreError>(())
            })
            .unwrap();
        let settings = CentreSettings::ordinary(folder.path().to_owned());
        let centre = Centre::open(store, clock, settings).unwrap();
        Self {
            database,
            centre,
            callers: callers.into(),
            delivered: Vec::new(),
            story: Vec::new(),
            _folder: folder,
        }
    }

    /// The time of the database.
    pub(super) fn now(&self) -> DateTime<Utc> {
        let text = self
            .database
            .sql("select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')");
        text.unwrap().parse().unwrap()
    }

    /// Something happens: a delivery, a correction, a retraction, a step of an agreement.
    pub(super) fn step(&mut self, draws: &mut Draws) {
        match draws.below(12) {
            0 => self.agreement_step(draws),
            1 if !self.delivered.is_empty() => self.retract(draws),
            2..=4 if !self.delivered.is_empty() => self.correct(draws),
            _ => self.deliver(draws),
        }
    }

    fn rows(&self, caller: usize, draws: &mut Draws) -> (&'static str, Vec<Value>) {
        let mut rows = Vec::new();
        if caller == 2 {
            for territory in [LVIV, VINNYTSIA, KYIV]
                .into_iter()
                .take(1 + draws.below(3) as usize)
            {
                let period = draws.one(&["2019", "2020", "2021"]);
                rows.push(
                    json!({"indicator": "POP_PRESENT", "period": period, "territory": territory,
                                 "value": 100_000 + draws.below(1_000_000)}),
                );
            }
            return ("POPULATION_ANNUAL", rows);
        }
        for _ in 0..1 + draws.below(6) {
            let mut row = json!({"indicator": "IRR_DETECTED", "period": draws.one(&WEEKS)});
            match (caller, draws.below(3)) {
                (1, _) => row["territory"] = json!(LVIV),
                (_, 0) => row["citizenship"] = json!(draws.one(&["SY", "AF", "IQ", "MD"])),
                (_, _) => row["territory"] = json!(draws.one(&[LVIV, VINNYTSIA, KYIV])),
            }
            match draws.below(8) {
                0 => row["obs_status"] = json!("M"),
                1 => {
                    row["obs_status"] = json!("P");
                    row["value"] = json!(draws.below(300));
                }
                2 => row["value"] = json!(0),
                _ => row["value"] = json!(draws.below(300)),
            }
            let same = |other: &Value| {
                ["period", "territory", "citizenship"]
                    .iter()
                    .all(|name| other.get(*name) == row.get(*name))
            };
            if !rows.iter().any(same) {
                rows.push(row);
            }
        }
        ("IRREGULAR_WEEKLY", rows)
    }

    fn deliver(&mut self, draws: &mut Draws) {
        let caller = draws.one(&[0, 0, 0, 1, 2]);
        let (dataflow, rows) = self.rows(caller, draws);
        self.send(
            caller,
            dataflow,
            json!({"dataflow": dataflow, "observations": rows}),
        );
    }

    fn correct(&mut self, draws: &mut Draws) {
        let place = draws.below(self.delivered.len() as u64) as usize;
        let (caller, id) = (
            self.delivered[place].caller,
            self.delivered[place].id.0.to_string(),
        );
        let (dataflow, rows) = self.rows(caller, draws);
        self.send(
            caller,
            dataflow,
            json!({"dataflow": dataflow, "kind": "correction", "supersedes": id, "reason_code": "error_fix",
                   "observations": rows}),
        );
    }

    /// Sends a document; a refusal is part of the story and changes nothing.
    fn send(&mut self, caller: usize, dataflow: &'static str, document: Value) {
        let body = document.to_string();
        let now = self.centre.clock.now();
        let request = SubmissionRequest {
            format: RowFormat::Json,
            content_type: "application/json".to_owned(),
            delimiter: b',',
            detect: false,
            sheet: None,
            gzip: false,
            profile: None,
            declared: SubmissionDeclared::default(),
            if_match: None,
            idempotency_key: Some(IdSource.next().to_string()),
            fingerprint_context: "histories".to_owned(),
            declared_context: "histories".to_owned(),
            validation_id: None,
            content_digest: None,
            request_id: RequestId(IdSource.next()),
            received_at: now,
        };
        let chunks = std::iter::once(Ok(body.as_bytes()));
        let answer = submission_accept(&self.centre, &self.callers[caller], &request, false, chunks);
        let became = match answer {
            Ok(answer) if answer.status == 201 => {
                let id = answer.report.submission.id;
                self.delivered.push(Delivered { caller, id, dataflow });
                "accepted".to_owned()
            }
            Ok(answer) => format!("{}: {:?}", answer.status, answer.report.findings.first()),
            Err(error) => format!("{error}"),
        };
        self.story
            .push(format!("{} sends {body}: {became}", self.callers[caller].body));
    }

    fn retract(&mut self, draws: &mut Draws) {
        let place = draws.below(self.delivered.len() as u64) as usize;
        let target = &self.delivered[place];
        let request = RetractionRequest {
            submission: target.id,
            reason_code: "error_fix".to_owned(),
            reason_text: None,
            periods: Vec::new(),
            content: b"{}".to_vec(),
            content_type: "application/json".to_owned(),
            idempotency_key: IdSource.next().to_string(),
            fingerprint_context: "histories".to_owned(),
            request_id: RequestId(IdSource.next()),
            received_at: self.centre.clock.now(),
        };
        let became = submission_retract(&self.centre, &self.callers[target.caller], &request)
            .map(|answer| answer.status);
        self.story.push(format!(
            "{} of {} is retracted: {became:?}",
            target.id.0, target.dataflow
        ));
    }

    /// An agreement begins, ends or changes its term, as a decision or a load of the catalogue would do it.
    fn agreement_step(&mut self, draws: &mut Draws) {
        let change = draws.one(&[
            "state = 'suspended'",
            "state = 'agreed', valid_from = null, valid_to = null",
            "state = 'agreed', valid_from = '2021-01-04', valid_to = null",
            "state = 'agreed', valid_to = '2022-01-09'",
        ]);
        let body = draws.one(&["DMS_TO_46", "DMS_TO_05"]);
        let sql =
            format!("update agreement set {change} where body = '{body}' and indicator = 'IRR_DETECTED'");
        self.database.execute(&sql).unwrap();
        self.centre.store.submit(expectation_keep_in_tx).unwrap();
        self.story.push(sql);
    }

    /// How many deliveries were accepted.
    pub(super) fn accepted(&self) -> usize {
        self.delivered.len()
    }
}

fn log_entry<'a>() -> LogEntry<'a> {
    LogEntry {
        id: IdSource.next(),
        client_id: None,
        body: None,
        role: None,
        action: "catalogue.load",
        object_type: None,
        object_id: None,
        outcome: LogOutcome::Allowed,
        reason_code: None,
        request_id: None,
        payload_sha256: None,
    }
}

fn caller(migrator: &mut Migrator, clock: &Clock, body: &str, role: Role, territory: Option<&str>) -> Caller {
    let key = SigningKey::generate(SignatureAlgorithm::Es256).unwrap();
    let id = format!("history-{}", body.to_lowercase().replace('_', "-"));
    let jwk = json!(key.public_key().jwk()).to_string();
    let registration = ClientRegistration {
        id: &id,
        body,
        role,
        public_jwk: &jwk,
        not_after: None,
    };
    client_register(migrator, &IdSource, clock.now(), &registration).unwrap();
    let grant = AccessGrant {
        client_id: id,
        body: body.to_owned(),
        role,
        scopes: role.scopes().to_vec(),
    };
    Caller::new(grant, territory.map(str::to_owned))
}
