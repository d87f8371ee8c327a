//! The lock that gives one service the data directory for as long as it lives.
//!
//! Never goes stale: the kernel releases it with the process, however that ends. The process id in the file is
//! for people only.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use rustix::fs::{FlockOperation, Mode, OFlags};

use super::error::PrivatePostgresError;

/// Held for the life of the service; dropping it lets the next one in.
#[derive(Debug)]
pub(super) struct ServiceLock {
    _file: File,
}

impl ServiceLock {
    /// Takes the lock at once or says who has it.
    pub(super) fn take(path: &Path, directory: &Path) -> Result<Self, PrivatePostgresError> {
        // Links are not followed: root must not write where another user points it.
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let opened = rustix::fs::open(path, flags, Mode::RUSR | Mode::WUSR);
        let mut file =
            File::from(opened.map_err(|e| PrivatePostgresError::not_writable(directory)(e.into()))?);
        match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => {
                let mut holder = String::new();
                let pid = file
                    .read_to_string(&mut holder)
                    .ok()
                    .and_then(|_| holder.trim().parse::<u32>().ok());
                return Err(PrivatePostgresError::Locked {
                    path: directory.to_owned(),
                    pid,
                });
            }
            Err(reason) => return Err(PrivatePostgresError::not_writable(directory)(reason.into())),
        }
        file.set_len(0)
            .and_then(|()| writeln!(file, "{}", std::process::id()))
            .map_err(PrivatePostgresError::not_writable(directory))?;
        Ok(Self { _file: file })
    }
}
