//! Threads beside the requests: recomputing risk metrics, and keeping catalogue and clients fresh.
//!
//! Woken by accepted submissions; looks by itself every second too, so a missed wake costs a second at most.

use leleka_exchange::{Centre, metrics_recompute};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// So long a recomputation waits for further submissions.
const GATHER: Duration = Duration::from_millis(100);

/// Tells the recomputing thread that there is something to do.
#[derive(Clone)]
pub(crate) struct Recompute(SyncSender<()>);

impl Recompute {
    pub(crate) fn wake(&self) {
        match self.0.try_send(()) {
            // Awake already, or ending.
            Ok(()) | Err(TrySendError::Full(()) | TrySendError::Disconnected(())) => {}
        }
    }
}

/// The threads; they end with the service.
pub(crate) struct Workers {
    ending: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Workers {
    pub(crate) fn start(centre: &Arc<Centre>) -> (Self, Recompute) {
        let ending = Arc::new(AtomicBool::new(false));
        let (sender, receiver) = sync_channel(1);
        let recompute = thread("recompute", centre, &ending, move |centre, ending| {
            recompute_until(centre, ending, &receiver);
        });
        let refresh = thread("refresh", centre, &ending, refresh_until);
        (
            Self {
                ending,
                threads: [recompute, refresh].into_iter().flatten().collect(),
            },
            Recompute(sender),
        )
    }

    pub(crate) fn stop(self) {
        self.ending.store(true, Ordering::Relaxed);
        for thread in self.threads {
            if thread.join().is_err() {
                tracing::error!("a worker thread panicked");
            }
        }
    }
}

fn thread(
    name: &str,
    centre: &Arc<Centre>,
    ending: &Arc<AtomicBool>,
    work: impl FnOnce(&Centre, &AtomicBool) + Send + 'static,
) -> Option<JoinHandle<()>> {
    let (centre, ending) = (Arc::clone(centre), Arc::clone(ending));
    let started = std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || work(&centre, &ending));
    started
        .inspect_err(|error| tracing::error!("the thread {name} did not start: {error}"))
        .ok()
}

fn recompute_until(centre: &Centre, ending: &AtomicBool, wakes: &Receiver<()>) {
    while !ending.load(Ordering::Relaxed) {
        match metrics_recompute(centre) {
            Ok(Some(report)) => {
                tracing::info!(
                    metric = report.code,
                    computed = report.computed,
                    recorded = report.recorded,
                    "risk metric recomputed"
                );
                continue;
            }
            Ok(None) => {}
            Err(error) => tracing::error!("risk metrics could not be recomputed: {error:?}"),
        }
        match wakes.recv_timeout(Duration::from_secs(1)) {
            // What comes close together is computed together.
            Ok(()) | Err(RecvTimeoutError::Disconnected) => std::thread::sleep(GATHER),
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

/// Steps between two looks at clients and catalogue: two seconds.
const REFRESH_STEPS: u64 = 20;
/// Steps between two sweeps of old idempotency keys: six hours.
const SWEEP_STEPS: u64 = 6 * 60 * 60 * 10;

fn refresh_until(centre: &Centre, ending: &AtomicBool) {
    // Short steps, so that the service does not wait for this thread when it stops.
    let mut steps = 0_u64;
    while !ending.load(Ordering::Relaxed) {
        std::thread::sleep(Duration::from_millis(100));
        steps += 1;
        if steps.is_multiple_of(REFRESH_STEPS)
            && let Err(error) = centre.refresh()
        {
            tracing::warn!("catalogue and clients could not be refreshed: {error:?}");
        }
        if steps % SWEEP_STEPS == 1
            && let Err(error) = centre.keys_sweep()
        {
            tracing::warn!("old idempotency keys could not be swept: {error:?}");
        }
    }
}
