//! The smallest HTTP/1.1 client: one connection, requests as prepared bytes, so that the load generator costs
//! the server's machine little.
//!
//! Knows only answers with a `content-length`, which is what the server sends.

use crate::Outcome;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// A kept-alive connection.
pub(crate) struct Wire {
    stream: TcpStream,
    buffer: Vec<u8>,
    end_of_head: usize,
    length: usize,
}

impl Wire {
    pub(crate) fn open(address: SocketAddr) -> Outcome<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(3_600)))?;
        Ok(Self {
            stream,
            buffer: Vec::new(),
            end_of_head: 0,
            length: 0,
        })
    }

    /// Sends bytes of a request.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> Outcome<()> {
        Ok(self.stream.write_all(bytes)?)
    }

    /// Waits for the answer and gives its status.
    pub(crate) fn answer(&mut self) -> Outcome<u16> {
        self.buffer.clear();
        let mut part = [0_u8; 64 * 1024];
        let mut head = None;
        loop {
            if let Some((end, length)) = head
                && self.buffer.len() >= end + length
            {
                (self.end_of_head, self.length) = (end, length);
                let status = self.buffer.get(9..12).unwrap_or_default();
                return Ok(std::str::from_utf8(status)?.parse()?);
            }
            let read = self.stream.read(&mut part)?;
            if read == 0 {
                return Err("the server closed the connection".into());
            }
            self.buffer.extend_from_slice(&part[..read]);
            if head.is_none() {
                head = head_end(&self.buffer);
            }
        }
    }

    /// The body of the last answer.
    pub(crate) fn body(&self) -> &[u8] {
        &self.buffer[self.end_of_head..self.end_of_head + self.length]
    }

    /// An error that shows the body of the last answer.
    pub(crate) fn unexpected(&self, status: u16) -> Box<dyn std::error::Error + Send + Sync> {
        let body: String = String::from_utf8_lossy(self.body()).chars().take(2_000).collect();
        format!("status {status}: {body}").into()
    }
}

/// Where the body begins, and its length.
fn head_end(buffer: &[u8]) -> Option<(usize, usize)> {
    let end = buffer.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(&buffer[..end]).ok()?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse().ok())?
    });
    Some((end, length.unwrap_or(0)))
}
