//! The folder of the demonstration: its mark, the tokens at hand, and what programs may read about it.
//!
//! A demonstration never mixes with real data: a folder or a database that holds data without our mark is refused.

use crate::demo::clients::{ANALYST, DemoClient};
use crate::demo::{DEMONSTRATION, DemoFault};
use crate::keys::{folder_make, secret_write, text_read};
use crate::service::StartError;
use chrono::{DateTime, Datelike, Days, NaiveDate, SecondsFormat, Utc};
use leleka_access::SignatureAlgorithm;
use leleka_store::Holdings;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::net::TcpStream;
use std::path::{Path, PathBuf};

/// Weeks of history at the first start: three years.
const WEEKS: u64 = 156;

/// What the mark says.
#[derive(Debug, Serialize, Deserialize)]
struct Mark {
    what: String,
    first_day: NaiveDate,
}

/// The folder.
#[derive(Clone, Debug)]
pub(super) struct Directory {
    path: PathBuf,
}

impl Directory {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    fn mark_path(&self) -> PathBuf {
        self.path.join("demo")
    }

    fn is_marked(&self) -> bool {
        self.mark_path().exists()
    }

    /// Refuses a database that holds anything which the demonstration did not bring.
    pub(super) fn check(&self, holdings: &Holdings) -> Result<(), DemoFault> {
        let is_empty = holdings.submissions == 0 && holdings.clients.is_empty();
        let is_ours = self.is_marked() && holdings.clients.iter().any(|id| id == ANALYST);
        if is_empty || is_ours {
            return Ok(());
        }
        Err(DemoFault::RealData {
            folder: self.path.clone(),
            submissions: holdings.submissions,
            clients: holdings.clients.len(),
        })
    }

    /// Marks the folder at the first start; gives the first day of the demonstration's first week, which stays
    /// the same at every later start, so that the same figures are made again.
    pub(super) fn mark(&self, today: NaiveDate) -> Result<NaiveDate, DemoFault> {
        if self.is_marked() {
            let mark: Option<Mark> = serde_json::from_str(&text_read(&self.mark_path())?).ok();
            return mark
                .map(|mark| mark.first_day)
                .ok_or_else(|| DemoFault::Mark(self.mark_path()));
        }
        let first_day = first_day(today);
        let mark = Mark {
            what: DEMONSTRATION.to_owned(),
            first_day,
        };
        secret_write(&self.mark_path(), json_line(&mark).as_bytes())?;
        Ok(first_day)
    }

    /// Removes what an earlier run said about itself.
    pub(super) fn clear(&self) -> Result<(), StartError> {
        let description = self.path.join("demo.json");
        let removed = fs::remove_file(&description);
        gone(removed, &description)?;
        let tokens = self.path.join("tokens");
        gone(fs::remove_dir_all(&tokens), &tokens)
    }

    /// Removes at once what a run said about itself that did not come to its end, so that nobody takes it for
    /// this run's; a run that still answers keeps it.
    pub(super) fn stale_clear(&self) -> Result<(), StartError> {
        let text = fs::read_to_string(self.path.join("demo.json")).unwrap_or_default();
        let description: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        let base_url = description.get("base_url").and_then(serde_json::Value::as_str);
        let address = base_url.and_then(|url| url.strip_prefix("http://"));
        match address {
            Some(address) if TcpStream::connect(address).is_ok() => Ok(()),
            Some(_) => self.clear(),
            None => Ok(()),
        }
    }

    /// Where the current access token of a client lies.
    pub(super) fn token_path(&self, client: &str) -> PathBuf {
        self.path.join("tokens").join(client)
    }

    pub(super) fn token_write(&self, client: &str, token: &str) -> Result<(), StartError> {
        folder_make(&self.path.join("tokens"))?;
        secret_write(&self.token_path(client), token.as_bytes())
    }

    /// Says to programs that the demonstration is ready, and how to call it.
    pub(super) fn describe(
        &self,
        base_url: &str,
        issuer: &str,
        clients: &[DemoClient],
        ready_at: DateTime<Utc>,
    ) -> Result<(), StartError> {
        let clients: Vec<serde_json::Value> = clients
            .iter()
            .map(|client| {
                let key = client.key.public_key();
                serde_json::json!({
                    "client_id": client.id,
                    "role": client.role.as_str(),
                    "body": client.body,
                    "private_key_file": client.key_file,
                    "kid": key.kid(),
                    "alg": SignatureAlgorithm::as_str(key.algorithm()),
                })
            })
            .collect();
        let description = serde_json::json!({
            "base_url": base_url,
            "issuer": issuer,
            "token_endpoint": format!("{base_url}/oauth2/token"),
            "clients": clients,
            "ready_at": ready_at.to_rfc3339_opts(SecondsFormat::Millis, true),
        });
        secret_write(&self.path.join("demo.json"), json_line(&description).as_bytes())
    }
}

fn json_line(value: &impl Serialize) -> String {
    format!("{}\n", serde_json::json!(value))
}

fn gone(removed: io::Result<()>, path: &Path) -> Result<(), StartError> {
    match removed {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(StartError::Files {
            path: path.to_owned(),
            source,
        }),
        _ => Ok(()),
    }
}

/// The Monday three years before the week that still runs.
fn first_day(today: NaiveDate) -> NaiveDate {
    let monday = u64::from(today.weekday().num_days_from_monday());
    today
        .checked_sub_days(Days::new(monday + 7 * WEEKS))
        .unwrap_or(today)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holdings(submissions: i64, clients: &[&str]) -> Holdings {
        Holdings {
            submissions,
            clients: clients.iter().map(|id| (*id).to_owned()).collect(),
            ..Holdings::default()
        }
    }

    #[test]
    fn a_folder_with_data_that_we_did_not_bring_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let directory = Directory::new(folder.path().to_owned());
        assert!(directory.check(&holdings(0, &[])).is_ok());
        assert!(directory.check(&holdings(3, &[])).is_err());
        assert!(directory.check(&holdings(0, &["dms"])).is_err());
        assert!(directory.check(&holdings(3, &[ANALYST])).is_err());
        directory.mark("2026-11-22".parse().unwrap()).unwrap();
        assert!(directory.check(&holdings(3, &[ANALYST, "my-own"])).is_ok());
        // Our folder, but another database, such as that of the real service.
        assert!(directory.check(&holdings(3, &["dms"])).is_err());
    }

    #[test]
    fn the_first_week_stays_when_time_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let directory = Directory::new(folder.path().to_owned());
        let first = directory.mark("2026-11-22".parse().unwrap()).unwrap();
        assert_eq!(first, "2023-11-20".parse().unwrap());
        assert_eq!(directory.mark("2027-02-01".parse().unwrap()).unwrap(), first);
        std::fs::write(folder.path().join("demo"), "?").unwrap();
        assert!(directory.mark("2027-02-01".parse().unwrap()).is_err());
    }
}
