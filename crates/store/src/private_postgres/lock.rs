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
    file: File,
}

impl Drop for ServiceLock {
    /// Says it is over instead of leaving that to the closing of the file: a child that is between fork and exec
    /// still holds a copy of the descriptor, and with it the lock.
    fn drop(&mut self) {
        // A refused unlocking leaves what closing does, which is all that is left to do.
        let _ = rustix::fs::flock(&self.file, FlockOperation::Unlock);
    }
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
        Ok(Self { file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_released_lock_is_free_though_a_child_still_holds_a_copy_of_its_file() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("service.lock");
        let held = ServiceLock::take(&path, place.path()).unwrap();
        let copy = held.file.try_clone().unwrap();
        assert!(matches!(
            ServiceLock::take(&path, place.path()),
            Err(PrivatePostgresError::Locked { .. })
        ));
        drop(held);
        ServiceLock::take(&path, place.path()).unwrap();
        drop(copy);
    }
}
