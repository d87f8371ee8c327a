//! The lock that gives one service the data directory for as long as it lives.
//!
//! Never goes stale: the kernel releases it with the process, however that ends. The process id in the file is
//! for people only.

use std::fs::File;
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, Mode, OFlags};
use rustix::process::Pid;

use super::POLL_INTERVAL;
use super::error::PrivatePostgresError;

/// A holder that was killed may keep the lock until the kernel is done with it.
const DYING_TIMEOUT: Duration = Duration::from_secs(10);

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
    /// Takes the lock at once or says who has it; waits a little for a holder that is dead already.
    pub(super) fn take(path: &Path, directory: &Path) -> Result<Self, PrivatePostgresError> {
        // Links are not followed: root must not write where another user points it.
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let opened = rustix::fs::open(path, flags, Mode::RUSR | Mode::WUSR);
        let mut file =
            File::from(opened.map_err(|e| PrivatePostgresError::not_writable(directory)(e.into()))?);
        let begun = Instant::now();
        loop {
            match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => break,
                Err(rustix::io::Errno::WOULDBLOCK) => {}
                Err(reason) => return Err(PrivatePostgresError::not_writable(directory)(reason.into())),
            }
            let pid = holder(&mut file);
            if pid.is_none_or(is_alive) || begun.elapsed() > DYING_TIMEOUT {
                return Err(PrivatePostgresError::Locked {
                    path: directory.to_owned(),
                    pid,
                });
            }
            thread::sleep(POLL_INTERVAL);
        }
        file.rewind()
            .and_then(|()| file.set_len(0))
            .and_then(|()| writeln!(file, "{}", std::process::id()))
            .map_err(PrivatePostgresError::not_writable(directory))?;
        Ok(Self { file })
    }
}

/// The process id that the holder left in the file.
fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

/// Whether a process runs; one of another user does too.
fn is_alive(pid: u32) -> bool {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    pid.is_some_and(|pid| rustix::process::test_kill_process(pid) != Err(rustix::io::Errno::SRCH))
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

    #[test]
    fn a_dead_holder_is_waited_for_and_a_living_one_is_not() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("service.lock");
        let mut dead = std::process::Command::new("true").spawn().unwrap();
        dead.wait().unwrap();
        let held = ServiceLock::take(&path, place.path()).unwrap();
        std::fs::write(&path, format!("{}\n", dead.id())).unwrap();
        let releasing = thread::spawn(move || {
            thread::sleep(POLL_INTERVAL);
            drop(held);
        });
        let next = ServiceLock::take(&path, place.path()).unwrap();
        releasing.join().unwrap();
        let refused = ServiceLock::take(&path, place.path()).unwrap_err();
        assert!(
            matches!(refused, PrivatePostgresError::Locked { pid: Some(pid), .. } if pid == std::process::id()),
            "{refused}"
        );
        drop(next);
    }
}
