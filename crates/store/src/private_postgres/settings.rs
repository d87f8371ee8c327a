//! The settings PostgreSQL is started with, given on its command line.
//!
//! Never in a file of the cluster: the command line wins over such files, so that neither an edited file nor
//! `alter system` can open a network port or switch durability off.

use std::fs;
use std::path::Path;

use super::Durability;

const MIB: u64 = 1024 * 1024;

/// A quarter of the memory, PostgreSQL manual, "Resource Consumption"; above this it brings little here.
const SHARED_BUFFERS_MAX_MIB: u64 = 1024;

/// PostgreSQL's own default, for machines that do not tell their memory.
const SHARED_BUFFERS_UNKNOWN_MIB: u64 = 128;

/// Files that tell the memory we may use, in bytes: limits of the container, version 2 and 1.
const MEMORY_LIMITS: [&str; 2] = [
    "/sys/fs/cgroup/memory.max",
    "/sys/fs/cgroup/memory/memory.limit_in_bytes",
];

/// Arguments of `postgres`, except for the cluster's directory.
pub(super) fn server_arguments(socket_dir: &Path, durability: Durability, knows_lz4: bool) -> Vec<String> {
    let durable = match durability {
        Durability::Durable => "on",
        Durability::TestOnly => "off",
    };
    let settings = [
        ("listen_addresses", String::new()),
        ("unix_socket_directories", socket_dir.display().to_string()),
        ("unix_socket_permissions", "0700".to_owned()),
        ("port", super::PORT.to_string()),
        ("cluster_name", super::ROLE.to_owned()),
        ("max_connections", "100".to_owned()),
        (
            "shared_buffers",
            format!("{}MB", shared_buffers_mib(memory_bytes())),
        ),
        ("max_wal_size", "4GB".to_owned()),
        (
            "wal_compression",
            if knows_lz4 { "lz4" } else { "pglz" }.to_owned(),
        ),
        ("fsync", durable.to_owned()),
        ("synchronous_commit", durable.to_owned()),
        ("full_page_writes", durable.to_owned()),
        ("log_destination", "stderr".to_owned()),
        ("logging_collector", "off".to_owned()),
        ("log_line_prefix", "%m [%p] ".to_owned()),
    ];
    settings
        .into_iter()
        .flat_map(|(name, value)| ["-c".to_owned(), format!("{name}={value}")])
        .collect()
}

fn shared_buffers_mib(memory_bytes: Option<u64>) -> u64 {
    memory_bytes.map_or(SHARED_BUFFERS_UNKNOWN_MIB, |bytes| {
        (bytes / 4 / MIB).clamp(16, SHARED_BUFFERS_MAX_MIB)
    })
}

fn memory_bytes() -> Option<u64> {
    let machine = fs::read_to_string("/proc/meminfo")
        .ok()
        .and_then(|text| meminfo_total_bytes(&text));
    let limits = MEMORY_LIMITS
        .iter()
        .filter_map(|path| fs::read_to_string(path).ok())
        .filter_map(|text| text.trim().parse().ok());
    machine.into_iter().chain(limits).min()
}

fn meminfo_total_bytes(meminfo: &str) -> Option<u64> {
    let total = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kib: u64 = total.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_of_the_memory_up_to_one_gibibyte_is_shared() {
        let total = meminfo_total_bytes("MemFree: 1 kB\nMemTotal:        2097152 kB\n");
        assert_eq!(total, Some(2048 * MIB));
        assert_eq!(shared_buffers_mib(total), 512);
        assert_eq!(shared_buffers_mib(Some(64 * 1024 * MIB)), 1024);
        assert_eq!(shared_buffers_mib(Some(8 * MIB)), 16);
        assert_eq!(shared_buffers_mib(meminfo_total_bytes("MemTotal: lots")), 128);
    }

    #[test]
    fn only_test_clusters_give_durability_up_and_none_listens_on_the_network() {
        let durable = server_arguments(Path::new("/tmp/x"), Durability::Durable, true);
        for expected in [
            "listen_addresses=",
            "fsync=on",
            "full_page_writes=on",
            "synchronous_commit=on",
            "wal_compression=lz4",
        ] {
            assert!(durable.iter().any(|argument| argument == expected), "{expected}");
        }
        let test = server_arguments(Path::new("/tmp/x"), Durability::TestOnly, false);
        for expected in ["listen_addresses=", "fsync=off", "wal_compression=pglz"] {
            assert!(test.iter().any(|argument| argument == expected), "{expected}");
        }
    }
}
