//! The benchmark `leleka-bench`: the released server against the limits of its PostgreSQL, in one run.
//!
//! Figures are ratios of pairs that are measured alternately, because machines and their load differ. Build the
//! server by the same profile first: `cargo build --release -p leleka-server`.

mod bulk;
mod cluster;
mod figures;
mod late;
mod memory;
mod read;
mod server;
mod small;
mod small_limit;
mod start;
mod table;
mod wire;

use clap::{Parser, ValueEnum};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What may fail says why in words.
pub(crate) type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Job {
    Bulk,
    Small,
    Read,
    Memory,
    Start,
    Late,
}

/// Measures the server against its PostgreSQL
#[derive(Parser)]
#[command(name = "leleka-bench")]
struct Arguments {
    /// Pairs of measurements; the median of their ratios counts
    #[arg(long, default_value_t = 5)]
    pairs: usize,
    /// Rows of the bulk submission
    #[arg(long, default_value_t = 1_000_000)]
    rows: usize,
    /// Clients of the small submissions
    #[arg(long, default_value_t = 64)]
    clients: usize,
    /// Seconds of one run of small submissions or reads
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Megabytes of the long body
    #[arg(long, default_value_t = 1_000)]
    body_mb: usize,
    /// Observations before the late delivery
    #[arg(long, default_value_t = 5_000_000)]
    late_rows: usize,
    /// Only these jobs
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Job>,
    /// Folder on a real disk, passable for PostgreSQL's user; beside the program when absent
    #[arg(long)]
    folder: Option<PathBuf>,
    /// Write the results as JSON too
    #[arg(long)]
    json: Option<PathBuf>,
}

/// How much is measured, and where files may lie.
#[derive(Clone)]
pub(crate) struct Plan {
    pub(crate) pairs: usize,
    pub(crate) rows: usize,
    pub(crate) clients: usize,
    pub(crate) seconds: u64,
    pub(crate) body_mb: usize,
    pub(crate) late_rows: usize,
    pub(crate) folder: PathBuf,
}

fn main() -> ExitCode {
    leleka_server::crypto_install();
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("leleka-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Outcome<()> {
    server::program()?;
    let own = std::env::current_exe()?;
    let place = arguments
        .folder
        .as_deref()
        .or(own.parent())
        .unwrap_or(Path::new("."));
    let folder = folder_make(place)?;
    let plan = Plan {
        pairs: arguments.pairs.max(1),
        rows: arguments.rows,
        clients: arguments.clients.max(1),
        seconds: arguments.seconds.max(1),
        body_mb: arguments.body_mb,
        late_rows: arguments.late_rows,
        folder: folder.path().to_owned(),
    };
    let wanted = |job| arguments.only.is_empty() || arguments.only.contains(&job);
    let load_before = table::load_average();
    println!("{}", table::heading());
    let mut rows = Vec::new();
    let mut show = |found: Vec<table::Row>| {
        for row in found {
            println!("{row}");
            rows.push(row.json());
        }
    };
    if wanted(Job::Start) {
        show(start::measure(&plan)?);
    }
    if [Job::Bulk, Job::Small, Job::Read, Job::Memory, Job::Late]
        .into_iter()
        .any(wanted)
    {
        let cluster = cluster::Cluster::start(folder.path())?;
        let figures = figures::Figures::new(&cluster)?;
        if wanted(Job::Small) {
            show(small::measure(&plan, &cluster)?);
        }
        if wanted(Job::Bulk) || wanted(Job::Read) {
            let loaded = bulk::load(&plan, &cluster, &figures)?;
            if wanted(Job::Read) {
                show(read::measure(&plan, &cluster, &loaded)?);
            }
            if wanted(Job::Bulk) {
                show(bulk::measure(&plan, &cluster, &loaded)?);
            }
        }
        if wanted(Job::Memory) {
            show(memory::measure(&plan, &cluster, &figures)?);
        }
        if wanted(Job::Late) {
            show(late::measure(&plan, &cluster, &figures)?);
        }
        cluster.stop()?;
    }
    let load = format!("{load_before} before, {} after", table::load_average());
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    println!("{} pairs; {cores} cores; load average {load}", plan.pairs);
    if let Some(path) = &arguments.json {
        let document =
            serde_json::json!({"pairs": plan.pairs, "cores": cores, "load_average": load, "rows": rows});
        std::fs::write(path, format!("{document:#}\n"))?;
    }
    Ok(())
}

/// A folder that PostgreSQL's own user can pass through.
fn folder_make(place: &Path) -> Outcome<tempfile::TempDir> {
    use std::os::unix::fs::PermissionsExt;
    let permissions = std::fs::Permissions::from_mode(0o711);
    Ok(tempfile::Builder::new()
        .prefix("leleka-bench-")
        .permissions(permissions)
        .tempdir_in(place)?)
}
