//! The demonstration itself: sends what is not there yet, waits for the risk metrics, then says what to try and
//! keeps the access tokens at hand fresh.

use crate::demo::calls::Calls;
use crate::demo::clients::{ANALYST, DemoClient};
use crate::demo::deliveries::{Delivery, deliveries};
use crate::demo::directory::Directory;
use crate::demo::guide::Guide;
use crate::demo::{DEMONSTRATION, DemoFault};
use chrono::NaiveDate;
use leleka_domain::Clock;
use leleka_store::{Holdings, Migrator};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

const POLL: Duration = Duration::from_millis(200);
/// Risk metrics that take longer than this are not waited for.
const METRICS_DEADLINE: Duration = Duration::from_secs(600);
/// How often the token files are written again, in polls: every four minutes.
const TOKENS_EVERY: u32 = 1_200;
/// Whose tokens lie at hand for the printed commands.
const AT_HAND: [&str; 3] = [ANALYST, "demo-dms", "demo-npu"];

/// Everything that the demonstration needs.
pub(super) struct Show {
    pub(super) base_url: String,
    pub(super) issuer: String,
    pub(super) database_url: String,
    pub(super) directory: Directory,
    pub(super) clients: Vec<DemoClient>,
    pub(super) first_day: NaiveDate,
    pub(super) today: NaiveDate,
    pub(super) begun: Instant,
    pub(super) ending: Arc<AtomicBool>,
}

impl Show {
    /// Runs until the ending is told.
    ///
    /// # Errors
    /// When a call fails, or a submission is not answered as it should be.
    pub(super) fn run(&self) -> Result<(), DemoFault> {
        let calls = Calls::new(&self.base_url, &self.issuer);
        let known = self.send_all(&calls)?;
        let Some(holdings) = self.metrics_await()? else {
            return Ok(());
        };
        self.tokens_write(&calls)?;
        self.ready(&known, &holdings)?;
        let mut polls = 0;
        while !self.is_ending() {
            sleep(POLL);
            polls = (polls + 1) % TOKENS_EVERY;
            if polls == 0 {
                self.tokens_write(&calls)?;
            }
        }
        Ok(())
    }

    fn is_ending(&self) -> bool {
        self.ending.load(Ordering::Relaxed)
    }

    fn client(&self, id: &'static str) -> Result<&DemoClient, DemoFault> {
        let found = self.clients.iter().find(|client| client.id == id);
        found.ok_or(DemoFault::Token(id))
    }

    /// Sends what is not there yet; gives the submissions by the SHA-256 of their content.
    fn send_all(&self, calls: &Calls) -> Result<BTreeMap<String, String>, DemoFault> {
        let mut known = self.submissions_known(calls)?;
        let all = deliveries(self.first_day, self.today);
        let mut due: Vec<&Delivery> = all.iter().collect();
        due.retain(|delivery| !known.contains_key(&delivery.sha256()));
        eprintln!(
            "{} deliveries, {} of them are there already",
            all.len(),
            all.len() - due.len()
        );
        for chapter in due.chunk_by(|one, next| one.chapter == next.chapter) {
            if self.is_ending() {
                break;
            }
            for delivery in chapter {
                let id = self.send(calls, delivery, &known)?;
                known.insert(delivery.sha256(), id);
            }
            if let Some(first) = chapter.first() {
                let rows: usize = chapter.iter().map(|delivery| delivery.rows).sum();
                let what = if chapter.len() == 1 {
                    first.client.to_owned()
                } else {
                    format!("{} deliveries", chapter.len())
                };
                let seconds = self.begun.elapsed().as_secs_f64();
                eprintln!("{seconds:6.1} s  {}: {what}, {rows} rows", first.chapter);
            }
        }
        Ok(known)
    }

    /// Every submission that the service has.
    fn submissions_known(&self, calls: &Calls) -> Result<BTreeMap<String, String>, DemoFault> {
        let analyst = self.client(ANALYST)?;
        let mut known = BTreeMap::new();
        let mut path = Some("/v1/submissions?limit=200".to_owned());
        while let Some(page) = path {
            let answer = calls.get(analyst, &page)?;
            if answer.status != 200 {
                return Err(unexpected(page, answer.status, &answer.body));
            }
            let items = answer.body.get("items").and_then(Value::as_array);
            for item in items.into_iter().flatten() {
                if let (Some(sha256), Some(id)) = (text(item, "content_sha256"), text(item, "id")) {
                    known.insert(sha256, id);
                }
            }
            path = text(&answer.body, "next");
        }
        Ok(known)
    }

    fn send(
        &self,
        calls: &Calls,
        delivery: &Delivery,
        known: &BTreeMap<String, String>,
    ) -> Result<String, DemoFault> {
        let mut declared = delivery.declared.clone();
        if let Some(id) = delivery.corrects.as_ref().and_then(|wrong| known.get(wrong)) {
            declared.push(("supersedes", id.clone()));
        }
        let query = serde_urlencoded::to_string(&declared).unwrap_or_default();
        let mark = if query.is_empty() { "" } else { "?" };
        let path = format!("/v1/submissions{mark}{query}");
        let (key, client) = (delivery.idempotency_key(), self.client(delivery.client)?);
        let answer = calls.submit(client, &path, delivery.content_type, &key, &delivery.body)?;
        if let Some(known) = text(&answer.body, "existing_submission_id") {
            // A service that has forgotten the key still knows the content.
            return Ok(known);
        }
        let answer = calls.follow(client, answer)?;
        let is_rejected = answer.status == 422 || text(&answer.body, "state").as_deref() == Some("rejected");
        let is_answered = matches!(answer.status, 200 | 201 | 202 | 422);
        let id = text(&answer.body, "id").or_else(|| text(&answer.body, "submission_id"));
        match id {
            Some(id) if is_answered && is_rejected == delivery.is_faulty => Ok(id),
            _ => Err(unexpected(delivery.chapter.clone(), answer.status, &answer.body)),
        }
    }

    /// Waits until nothing is to be recomputed; `None` when the ending is told first.
    fn metrics_await(&self) -> Result<Option<Holdings>, DemoFault> {
        let (mut database, since) = (Migrator::connect(&self.database_url)?, Instant::now());
        let mut told = Instant::now();
        while !self.is_ending() {
            let holdings = database.holdings()?;
            if holdings.metrics_due == 0 {
                return Ok(Some(holdings));
            }
            if since.elapsed() > METRICS_DEADLINE {
                eprintln!("Risk metrics are still being computed; going on without waiting for them");
                return Ok(Some(holdings));
            }
            if told.elapsed() > Duration::from_secs(2) {
                told = Instant::now();
                let seconds = self.begun.elapsed().as_secs_f64();
                eprintln!(
                    "{seconds:6.1} s  risk metrics: {} values so far",
                    holdings.metric_values
                );
            }
            sleep(POLL);
        }
        Ok(None)
    }

    fn tokens_write(&self, calls: &Calls) -> Result<(), DemoFault> {
        for id in AT_HAND {
            let token = calls.token(self.client(id)?)?;
            self.directory.token_write(id, &token)?;
        }
        Ok(())
    }

    fn ready(&self, known: &BTreeMap<String, String>, holdings: &Holdings) -> Result<(), DemoFault> {
        let all = deliveries(self.first_day, self.today);
        let faulty = all.iter().find(|delivery| delivery.is_faulty);
        let guide = Guide {
            base_url: &self.base_url,
            directory: &self.directory,
            first_day: self.first_day,
            today: self.today,
            rejected: faulty.and_then(|delivery| known.get(&delivery.sha256())),
        };
        let seconds = self.begun.elapsed().as_secs_f64();
        println!(
            "# {DEMONSTRATION}\n# {} submissions, {} observations, {} values of risk metrics; ready after {seconds:.1} s\n",
            holdings.submissions, holdings.observations, holdings.metric_values
        );
        println!("{}", guide.text());
        let now = Clock::system().now();
        self.directory
            .describe(&self.base_url, &self.issuer, &self.clients, now)?;
        Ok(())
    }
}

fn text(value: &Value, name: &str) -> Option<String> {
    value.get(name)?.as_str().map(str::to_owned)
}

fn unexpected(what: String, status: u16, answer: &Value) -> DemoFault {
    DemoFault::Unexpected {
        what,
        status,
        answer: answer.to_string().chars().take(2_000).collect(),
    }
}
