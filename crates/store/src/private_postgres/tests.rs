//! The life of a private cluster, told with a real PostgreSQL.
//!
//! As root and as an ordinary user alike. A machine without PostgreSQL 15 fails here, aloud.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use tempfile::TempDir;

use super::*;

mod killed;

fn place() -> TempDir {
    // An ordinary temporary directory is closed to the user that root drops to.
    tempfile::Builder::new()
        .permissions(Permissions::from_mode(0o711))
        .tempdir()
        .unwrap()
}

fn options(place: &TempDir) -> PrivatePostgresOptions {
    PrivatePostgresOptions {
        data_dir: place.path().join("service"),
        binaries_dir: None,
        durability: Durability::TestOnly,
    }
}

fn durable(place: &TempDir) -> PrivatePostgresOptions {
    PrivatePostgresOptions {
        durability: Durability::Durable,
        ..options(place)
    }
}

fn home(place: &TempDir) -> PathBuf {
    place.path().join("service/postgres")
}

fn ask(socket_dir: &Path, sql: &str) -> Option<String> {
    Session::open(socket_dir, "leleka").unwrap().ask(sql).unwrap()
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn refusal(options: &PrivatePostgresOptions) -> PrivatePostgresError {
    PrivatePostgres::start(options).map(|_| ()).unwrap_err()
}

#[test]
fn a_cluster_is_made_stopped_and_found_again_with_its_rows() {
    let place = place();
    let first = PrivatePostgres::start(&durable(&place)).unwrap();
    assert!(first.was_created() && first.server_version() >= 15);
    ask(first.socket_dir(), "create table stork as select 1936 as counted");
    assert_eq!(ask(first.socket_dir(), "show fsync").as_deref(), Some("on"));
    assert_eq!(
        ask(first.socket_dir(), "show listen_addresses").as_deref(),
        Some("")
    );
    assert_eq!(
        ask(first.socket_dir(), "show server_encoding").as_deref(),
        Some("UTF8")
    );
    let socket_dir = first.socket_dir().to_owned();
    first.stop().unwrap();
    assert!(!socket_dir.exists() && !home(&place).join("data/postmaster.pid").exists());
    assert!(
        home(&place).join("synced").exists(),
        "a stop waits until the cluster is on disk"
    );

    let second = PrivatePostgres::start(&durable(&place)).unwrap();
    assert!(!second.was_created());
    assert_eq!(
        ask(second.socket_dir(), "select counted from stork").as_deref(),
        Some("1936")
    );
    let psql = Command::new(second.binaries_dir().join("psql"))
        .args([
            "-X",
            "-A",
            "-t",
            "-c",
            "select current_user || ' in ' || current_database()",
        ])
        .arg(second.connection_url("leleka"))
        .output()
        .unwrap();
    assert_eq!(
        String::from_utf8_lossy(&psql.stdout).trim(),
        "leleka in leleka",
        "{psql:?}"
    );
}

#[test]
fn a_second_service_on_the_same_directory_is_told_who_holds_it() {
    let place = place();
    let _first = PrivatePostgres::start(&options(&place)).unwrap();
    let second = refusal(&options(&place));
    assert!(matches!(&second, PrivatePostgresError::Locked { pid, .. } if *pid == Some(std::process::id())));
    assert!(
        second
            .to_string()
            .contains(&format!("process {}", std::process::id())),
        "{second}"
    );
}

#[test]
fn a_directory_with_content_of_others_is_left_untouched() {
    let place = place();
    fs::create_dir_all(home(&place)).unwrap();
    fs::write(home(&place).join("thesis.odt"), "years of work").unwrap();
    let refused = refusal(&options(&place));
    assert!(
        matches!(refused, PrivatePostgresError::DirectoryNotOurs { .. }),
        "{refused}"
    );
    let left: Vec<_> = fs::read_dir(home(&place))
        .unwrap()
        .flatten()
        .map(|entry| entry.file_name())
        .collect();
    assert_eq!(left, ["thesis.odt"]);
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    let place = place();
    fs::write(place.path().join("service"), "a file").unwrap();
    let refused = refusal(&options(&place));
    assert!(
        matches!(refused, PrivatePostgresError::NotWritable { .. }),
        "{refused}"
    );
    assert!(refused.to_string().contains("service"), "{refused}");
    if is_root() {
        eprintln!("skipped for root, who may write anywhere: a directory without the right to write");
        return;
    }
    fs::remove_file(place.path().join("service")).unwrap();
    fs::set_permissions(place.path(), Permissions::from_mode(0o500)).unwrap();
    let refused = refusal(&options(&place));
    assert!(
        matches!(refused, PrivatePostgresError::NotWritable { .. }),
        "{refused}"
    );
}

#[test]
fn a_closed_directory_above_the_cluster_is_named() {
    if !is_root() {
        eprintln!("skipped: only root gives PostgreSQL to another user");
        return;
    }
    let place = place();
    fs::set_permissions(place.path(), Permissions::from_mode(0o700)).unwrap();
    let refused = refusal(&options(&place));
    let PrivatePostgresError::ParentNotPassable { path, .. } = &refused else {
        panic!("{refused}")
    };
    assert_eq!(*path, place.path().canonicalize().unwrap());
}

#[test]
fn a_cluster_of_another_major_version_and_missing_or_old_programs_are_refused() {
    let place = place();
    let mut asked = options(&place);
    let programs = place.path().join("bin");
    asked.binaries_dir = Some(programs.clone());
    let missing = refusal(&asked);
    assert!(
        missing.to_string().contains("apt-get install postgresql"),
        "{missing}"
    );

    fs::create_dir(&programs).unwrap();
    for name in ["postgres", "initdb", "pg_ctl"] {
        fs::write(
            programs.join(name),
            "#!/bin/sh\necho 'postgres (PostgreSQL) 14.9'\n",
        )
        .unwrap();
        fs::set_permissions(programs.join(name), Permissions::from_mode(0o755)).unwrap();
    }
    let old = refusal(&asked);
    assert!(
        matches!(old, PrivatePostgresError::BinariesTooOld { found: 14, .. }),
        "{old}"
    );

    fs::create_dir_all(home(&place).join("data")).unwrap();
    fs::write(home(&place).join("data/PG_VERSION"), "12\n").unwrap();
    let other = refusal(&options(&place));
    assert!(
        matches!(other, PrivatePostgresError::VersionMismatch { cluster: 12, .. }),
        "{other}"
    );
    assert_eq!(
        fs::read_to_string(home(&place).join("data/PG_VERSION")).unwrap(),
        "12\n"
    );
}

#[test]
fn what_postgresql_says_when_it_cannot_start_reaches_the_operator() {
    let place = place();
    PrivatePostgres::start(&options(&place)).unwrap().stop().unwrap();
    fs::write(home(&place).join("data/pg_hba.conf"), "nonsense\n").unwrap();
    let refused = refusal(&options(&place));
    assert!(
        matches!(refused, PrivatePostgresError::EndedAtStart { .. }),
        "{refused}"
    );
    assert!(refused.to_string().contains("pg_hba.conf"), "{refused}");
}

#[test]
fn a_process_id_left_behind_and_since_taken_by_another_process_is_no_obstacle() {
    let place = place();
    PrivatePostgres::start(&options(&place)).unwrap().stop().unwrap();
    // PostgreSQL minds only processes of its own user.
    let account = Account::choose(Cluster::open(&options(&place).data_dir).unwrap().owner()).unwrap();
    let mut bystander = account
        .command(Path::new("/bin/sleep"))
        .arg("60")
        .spawn()
        .unwrap();
    let record = home(&place).join("data/postmaster.pid");
    fs::write(
        &record,
        format!("{}\n{}\n", bystander.id(), home(&place).join("data").display()),
    )
    .unwrap();
    account.own(&record).unwrap();

    let restarted = PrivatePostgres::start(&options(&place));
    let spared = bystander.try_wait().unwrap().is_none();
    bystander.kill().unwrap();
    bystander.wait().unwrap();
    restarted.unwrap().stop().unwrap();
    assert!(spared);
}

#[test]
fn a_new_cluster_caught_by_a_crash_of_the_machine_is_made_anew_only_when_empty() {
    let place = place();
    PrivatePostgres::start(&durable(&place)).unwrap().stop().unwrap();
    let crash = || {
        fs::remove_file(home(&place).join("synced")).unwrap();
        fs::write(home(&place).join("boot-of-creation"), "another boot").unwrap();
    };
    crash();
    let anew = PrivatePostgres::start(&durable(&place)).unwrap();
    assert!(anew.was_created());
    ask(anew.socket_dir(), "create table submission as select 1 as id");
    anew.stop().unwrap();

    crash();
    let refused = refusal(&options(&place));
    assert!(
        matches!(refused, PrivatePostgresError::NotSafelyOnDisk { .. }),
        "{refused}"
    );
    let again = refusal(&durable(&place));
    assert!(
        matches!(again, PrivatePostgresError::NotSafelyOnDisk { .. }),
        "refusing decides nothing: {again}"
    );

    fs::write(home(&place).join("synced"), "").unwrap();
    let accepted = PrivatePostgres::start(&durable(&place)).unwrap();
    assert_eq!(
        ask(accepted.socket_dir(), "select id from submission").as_deref(),
        Some("1")
    );
}
