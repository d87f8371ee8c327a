//! Threads beside the requests: reading submissions that were taken, recomputing risk metrics, forecasting, and
//! keeping catalogue and clients fresh.
//!
//! Woken by what is sent; each looks by itself every second too, so a missed wake costs a second at most.

use leleka_exchange::{
    Centre, JobEnd, alerts_follow, forecasts_are_due, forecasts_refresh, metrics_are_due, metrics_recompute,
    own_job_work, submission_job_work,
};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::sync::futures::OwnedNotified;

/// So long a recomputation waits for further submissions.
const GATHER: Duration = Duration::from_millis(100);
/// So long a thread without work waits before it looks by itself.
const LOOK: Duration = Duration::from_secs(1);
/// Kinds of the centre's own jobs.
const METRICS_RECOMPUTE: &str = "metrics_recompute";
const KEY_SWEEP: &str = "key_sweep";
const FORECASTS_REFRESH: &str = "forecasts_refresh";

/// Wakes threads that wait for work.
#[derive(Clone, Default)]
pub(crate) struct Bell(Arc<(Mutex<u64>, Condvar)>);

impl Bell {
    pub(crate) fn wake(&self) {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.1.notify_all();
    }

    /// Waits until it rings, or rang since the last time; `false` when it did not ring for a while.
    fn wait(&self, heard: &mut u64) -> bool {
        let rung = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.0.1.wait_timeout_while(rung, LOOK, |rung| *rung == *heard);
        let (rung, timed_out) = waited.unwrap_or_else(PoisonError::into_inner);
        *heard = *rung;
        !timed_out.timed_out()
    }
}

/// Submissions that were taken: wakes those who read them, and tells those who wait for the result.
#[derive(Clone, Default)]
pub(crate) struct SubmissionJobs {
    taken: Bell,
    ended: Arc<Notify>,
}

impl SubmissionJobs {
    /// A submission was taken.
    pub(crate) fn wake(&self) {
        self.taken.wake();
    }

    /// Resolves when the next submission has been read.
    pub(crate) fn ended(&self) -> OwnedNotified {
        Arc::clone(&self.ended).notified_owned()
    }
}

/// The threads; they end with the service.
pub(crate) struct Workers {
    ending: Arc<AtomicBool>,
    bells: [Bell; 2],
    threads: Vec<JoinHandle<()>>,
}

impl Workers {
    /// Starts everything, with so many threads that read submissions.
    pub(crate) fn start(centre: &Arc<Centre>, readers: usize) -> (Self, Bell, SubmissionJobs) {
        let ending = Arc::new(AtomicBool::new(false));
        let (recompute, submissions) = (Bell::default(), SubmissionJobs::default());
        let wakes = recompute.clone();
        let mut threads = vec![
            thread("recompute", centre, &ending, move |centre, ending| {
                recompute_until(centre, ending, &wakes);
            }),
            thread("forecast", centre, &ending, forecast_until),
            thread("refresh", centre, &ending, refresh_until),
        ];
        threads.extend((0..readers).map(|number| {
            let (jobs, recompute) = (submissions.clone(), recompute.clone());
            thread(
                &format!("submission-{number}"),
                centre,
                &ending,
                move |centre, ending| {
                    submissions_until(centre, ending, &jobs, &recompute);
                },
            )
        }));
        let workers = Self {
            ending,
            bells: [recompute.clone(), submissions.taken.clone()],
            threads: threads.into_iter().flatten().collect(),
        };
        (workers, recompute, submissions)
    }

    pub(crate) fn stop(self) {
        self.ending.store(true, Ordering::Relaxed);
        self.bells.iter().for_each(Bell::wake);
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

fn submissions_until(centre: &Centre, ending: &AtomicBool, jobs: &SubmissionJobs, recompute: &Bell) {
    let mut heard = 0;
    while !ending.load(Ordering::Relaxed) {
        match submission_job_work(centre, ending) {
            Ok(Some(end)) => {
                jobs.ended.notify_waiters();
                if end == JobEnd::Done {
                    recompute.wake();
                }
                continue;
            }
            Ok(None) => {}
            Err(error) => tracing::error!("a submission could not be read: {error:?}"),
        }
        jobs.taken.wait(&mut heard);
    }
}

fn recompute_until(centre: &Centre, ending: &AtomicBool, wakes: &Bell) {
    let mut heard = 0;
    while !ending.load(Ordering::Relaxed) {
        let worked = metrics_are_due(centre).and_then(|due| {
            if !due {
                return Ok(None);
            }
            own_job_work(centre, METRICS_RECOMPUTE, ending, |done| {
                recompute_all(centre, ending, done)
            })
        });
        match worked {
            Ok(Some(JobEnd::Done)) => continue,
            Ok(_) => {}
            Err(error) => tracing::error!("risk metrics could not be recomputed: {error:?}"),
        }
        if wakes.wait(&mut heard) {
            // What comes close together is computed together.
            std::thread::sleep(GATHER);
        }
    }
}

/// Recomputes piece by piece until nothing is dirty any more, or the service ends.
fn recompute_all(
    centre: &Centre,
    ending: &AtomicBool,
    done: &mut dyn FnMut(u64),
) -> Result<(), leleka_exchange::ActError> {
    let mut pieces = 0;
    while let Some(report) = metrics_recompute(centre, ending)? {
        pieces += 1;
        done(pieces);
        if report.computed > 0 {
            tracing::info!(
                metric = report.code,
                computed = report.computed,
                recorded = report.recorded,
                observations = report.observations,
                "risk metric recomputed"
            );
        }
    }
    alerts_follow(centre).map(|_events| ())
}

/// So long the thread that forecasts waits before it looks again, in steps of a tenth of a second.
const FORECAST_STEPS: u64 = 10;

/// Forecasts what changed, one series after the other; gives way to risk metrics that wait.
fn forecast_until(centre: &Centre, ending: &AtomicBool) {
    let mut steps = 0_u64;
    while !ending.load(Ordering::Relaxed) {
        std::thread::sleep(Duration::from_millis(100));
        steps += 1;
        if !steps.is_multiple_of(FORECAST_STEPS) {
            continue;
        }
        let worked = forecasts_are_due(centre).and_then(|due| {
            if !due || metrics_are_due(centre)? {
                return Ok(None);
            }
            own_job_work(centre, FORECASTS_REFRESH, ending, |done| {
                forecast_all(centre, ending, done)
            })
        });
        if let Err(error) = worked {
            tracing::error!("series could not be forecast: {error:?}");
        }
    }
}

fn forecast_all(
    centre: &Centre,
    ending: &AtomicBool,
    done: &mut dyn FnMut(u64),
) -> Result<(), leleka_exchange::ActError> {
    let mut series = 0;
    let is_ending = || ending.load(Ordering::Relaxed);
    while !is_ending() && !metrics_are_due(centre)? && forecasts_refresh(centre, &is_ending)? {
        series += 1;
        done(series);
    }
    Ok(())
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
            && let Err(error) = own_job_work(centre, KEY_SWEEP, ending, |_done| centre.keys_sweep())
        {
            tracing::warn!("old idempotency keys could not be swept: {error:?}");
        }
    }
}
