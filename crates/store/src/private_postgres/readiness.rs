//! Enough of PostgreSQL's protocol to ask it one question over its unix socket, and so to know that it is ready.
//!
//! Never used for the service's own queries, and never trusts a length: an answer that is not PostgreSQL's ends
//! in an error. Source: PostgreSQL manual, "Message Formats", protocol 3.0; trust authentication only.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use thiserror::Error;

/// The database named does not exist.
pub(super) const NO_SUCH_DATABASE: &str = "3D000";
/// The table named does not exist.
pub(super) const NO_SUCH_TABLE: &str = "42P01";
/// The server is starting, recovering or shutting down.
pub(super) const NOT_YET: &str = "57P03";

const PROTOCOL_3_0: i32 = 196_608;
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);
const MESSAGE_MAX_BYTES: usize = 1 << 20;

/// Why a question got no answer.
#[derive(Debug, Error)]
pub(super) enum SessionError {
    /// No connection, or none any more.
    #[error("no connection to PostgreSQL")]
    Connection(#[from] io::Error),
    /// PostgreSQL said no.
    #[error("{message} ({sqlstate})")]
    Refused {
        /// Five characters, PostgreSQL manual, "PostgreSQL Error Codes".
        sqlstate: String,
        /// One line of text.
        message: String,
    },
    /// The other side does not speak the protocol as expected.
    #[error("an answer that is not PostgreSQL's")]
    NotUnderstood,
}

/// A connection that has been let in.
#[derive(Debug)]
pub(super) struct Session {
    stream: UnixStream,
}

impl Session {
    /// Connects to a database as the cluster's only role.
    pub(super) fn open(socket_dir: &Path, database: &str) -> Result<Self, SessionError> {
        let stream = UnixStream::connect(socket_dir.join(format!(".s.PGSQL.{}", super::PORT)))?;
        stream.set_read_timeout(Some(ANSWER_TIMEOUT))?;
        stream.set_write_timeout(Some(ANSWER_TIMEOUT))?;
        let mut session = Self { stream };
        let parameters = ["user", super::ROLE, "database", database, ""].map(|text| format!("{text}\0"));
        let body = [&PROTOCOL_3_0.to_be_bytes(), parameters.concat().as_bytes()].concat();
        session.send(&[], &body)?;
        session.read_until_ready()?;
        Ok(session)
    }

    /// Runs one statement; returns the first column of the first row, if there is one that is not null.
    pub(super) fn ask(&mut self, sql: &str) -> Result<Option<String>, SessionError> {
        self.send(b"Q", format!("{sql}\0").as_bytes())?;
        self.read_until_ready()
    }

    /// Lets the next answer take longer than a simple question may.
    pub(super) fn allow(&mut self, wait: Duration) -> Result<(), SessionError> {
        Ok(self.stream.set_read_timeout(Some(wait))?)
    }

    fn send(&mut self, kind: &[u8], body: &[u8]) -> Result<(), SessionError> {
        let length = i32::try_from(body.len() + 4).map_err(|_| SessionError::NotUnderstood)?;
        Ok(self
            .stream
            .write_all(&[kind, &length.to_be_bytes(), body].concat())?)
    }

    fn read_until_ready(&mut self) -> Result<Option<String>, SessionError> {
        let mut answer = None;
        let mut refusal = None;
        loop {
            let (kind, body) = self.read_message()?;
            match kind {
                b'Z' => return refusal.map_or(Ok(answer), Err),
                b'D' if answer.is_none() => answer = first_column(&body),
                b'R' if body != [0; 4] => return Err(SessionError::NotUnderstood),
                // After anything worse than an error the server hangs up without a word.
                b'E' if field(&body, b'V').as_deref() != Some("ERROR") => return Err(refusal_from(&body)),
                b'E' => refusal = Some(refusal_from(&body)),
                // Data rows after the first, and what we need not know: parameters, key, notices, row shape,
                // command tags.
                b'D' | b'R' | b'S' | b'K' | b'N' | b'T' | b'C' | b'I' => {}
                _ => return Err(refusal.unwrap_or(SessionError::NotUnderstood)),
            }
        }
    }

    fn read_message(&mut self) -> Result<(u8, Vec<u8>), SessionError> {
        let mut header = [0; 5];
        self.stream.read_exact(&mut header)?;
        let [kind, length @ ..] = header;
        let length = usize::try_from(i32::from_be_bytes(length))
            .ok()
            .and_then(|total| total.checked_sub(4));
        let length = length
            .filter(|length| *length <= MESSAGE_MAX_BYTES)
            .ok_or(SessionError::NotUnderstood)?;
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok((kind, body))
    }
}

fn first_column(row: &[u8]) -> Option<String> {
    let (columns, rest) = row.split_first_chunk::<2>()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let length = usize::try_from(i32::from_be_bytes(*length)).ok()?;
    let value = rest.get(..length).filter(|_| *columns != [0; 2])?;
    Some(String::from_utf8_lossy(value).into_owned())
}

fn field(body: &[u8], code: u8) -> Option<String> {
    let found = body
        .split(|byte| *byte == 0)
        .find(|field| field.first() == Some(&code))?;
    Some(String::from_utf8_lossy(found.get(1..)?).into_owned())
}

fn refusal_from(body: &[u8]) -> SessionError {
    let text = |code| field(body, code).unwrap_or_default();
    SessionError::Refused {
        sqlstate: text(b'C'),
        message: text(b'M'),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;
    use std::thread;

    use super::*;

    fn answer_to(reply: &'static [u8]) -> Result<Option<String>, SessionError> {
        let root = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(root.path().join(".s.PGSQL.5432")).unwrap();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 256]).unwrap();
            stream.write_all(reply).unwrap();
        });
        let answer = Session::open(root.path(), "leleka").and_then(|mut session| session.read_until_ready());
        server.join().unwrap();
        answer
    }

    const LET_IN: &[u8] = b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I";

    #[test]
    fn the_first_column_of_the_first_row_is_the_answer() {
        let reply = [
            LET_IN,
            b"D\0\0\0\x0b\0\x01\0\0\0\x011D\0\0\0\x0b\0\x01\0\0\0\x012Z\0\0\0\x05I",
        ]
        .concat();
        assert_eq!(answer_to(reply.leak()).unwrap().as_deref(), Some("1"));
        let null = [LET_IN, b"D\0\0\0\x0a\0\x01\xff\xff\xff\xffZ\0\0\0\x05I"].concat();
        assert_eq!(answer_to(null.leak()).unwrap(), None);
    }

    #[test]
    fn a_refusal_is_told_with_its_code() {
        let refused = answer_to(b"E\0\0\0\x1eSFATAL\0VFATAL\0C57P03\0Mno\0\0").unwrap_err();
        assert_eq!(refused.to_string(), "no (57P03)");
    }

    #[test]
    fn what_is_not_postgresql_ends_in_an_error() {
        let hostile: [&'static [u8]; 6] = [
            b"",
            b"HTTP/1.1 200 OK\r\n\r\n",
            b"R\0\0\0\x08\0\0\0\x05",
            b"Z\0\0\0\0",
            b"Z\xff\xff\xff\xff",
            b"D\x7f\xff\xff\xff",
        ];
        for reply in hostile {
            assert!(answer_to(reply).is_err(), "{reply:?}");
        }
    }
}
