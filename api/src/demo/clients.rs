//! The clients of the demonstration: one for each delivering body and each role, each with a key pair of its own.
//!
//! Private keys are made at the first start and stay in files that only their owner can read. None is shipped.

use crate::demo::DemoFault;
use crate::keys::{folder_make, key_pair_make, text_read};
use crate::service::StartError;
use leleka_access::{Role, SignatureAlgorithm, SigningKey};
use leleka_domain::{Clock, IdSource};
use leleka_exchange::{ClientRegistration, client_register};
use leleka_store::Migrator;
use std::path::{Path, PathBuf};

/// A registered client with its private key.
pub(super) struct DemoClient {
    pub(super) id: &'static str,
    pub(super) role: Role,
    pub(super) body: &'static str,
    pub(super) key: SigningKey,
    pub(super) key_file: PathBuf,
}

/// Reads everything; by it a database is known to be a demonstration's.
pub(super) const ANALYST: &str = "demo-analyst";

const CLIENTS: &[(&str, Role, &str)] = &[
    ("demo-dms", Role::AgencySubmitter, "DMS"),
    ("demo-dms-detent", Role::AgencySubmitter, "DMS_DETENT"),
    ("demo-dms-recept", Role::AgencySubmitter, "DMS_RECEPT"),
    ("demo-eurostat", Role::AgencySubmitter, "EUROSTAT"),
    (EDDSA_CLIENT, Role::AgencySubmitter, "FRONTEX"),
    ("demo-iom", Role::AgencySubmitter, "IOM"),
    ("demo-mes", Role::AgencySubmitter, "MES"),
    ("demo-mfa", Role::AgencySubmitter, "MFA"),
    ("demo-msp", Role::AgencySubmitter, "MSP"),
    ("demo-npu", Role::AgencySubmitter, "NPU"),
    ("demo-opg", Role::AgencySubmitter, "OPG"),
    ("demo-sbgs", Role::AgencySubmitter, "SBGS"),
    ("demo-sbu", Role::AgencySubmitter, "SBU"),
    ("demo-ses", Role::AgencySubmitter, "SES"),
    ("demo-sssu", Role::AgencySubmitter, "SSSU"),
    ("demo-unhcr", Role::AgencySubmitter, "UNHCR"),
    ("demo-dms-to-46", Role::TerritorialOffice, "DMS_TO_46"),
    (ANALYST, Role::Analyst, "DMS_CENTRE"),
    ("demo-publisher", Role::Publisher, "DMS_CENTRE"),
    ("demo-catalogue-admin", Role::CatalogueAdmin, "DMS_CENTRE"),
    ("demo-auditor", Role::Auditor, "DMS_CENTRE"),
    ("demo-operator", Role::Operator, "DMS_IT"),
];

/// The client that shows the other signature algorithm.
const EDDSA_CLIENT: &str = "demo-frontex";

/// Makes the key pairs that are not there yet, and registers every client.
pub(super) fn clients_register(data_dir: &Path, url: &str) -> Result<Vec<DemoClient>, DemoFault> {
    let keys = data_dir.join("keys");
    let folder = keys.join("clients");
    folder_make(&keys)?;
    folder_make(&folder)?;
    let mut migrator = Migrator::connect(url)?;
    let (ids, now) = (IdSource, Clock::system().now());
    let mut clients = Vec::with_capacity(CLIENTS.len());
    for (id, role, body) in CLIENTS {
        let key_file = folder.join(format!("{id}.pem"));
        let key = key_open(&key_file, id)?;
        let public_jwk = serde_json::json!(key.public_key().jwk()).to_string();
        let registration = ClientRegistration {
            id,
            body,
            role: *role,
            public_jwk: &public_jwk,
            not_after: None,
        };
        client_register(&mut migrator, &ids, now, &registration).map_err(StartError::from)?;
        clients.push(DemoClient {
            id,
            role: *role,
            body,
            key,
            key_file,
        });
    }
    Ok(clients)
}

fn key_open(path: &Path, id: &str) -> Result<SigningKey, StartError> {
    if path.exists() {
        return SigningKey::from_pkcs8_pem(&text_read(path)?)
            .map_err(|_fault| StartError::Key(path.to_owned()));
    }
    let algorithm = if id == EDDSA_CLIENT {
        SignatureAlgorithm::EdDsa
    } else {
        SignatureAlgorithm::Es256
    };
    key_pair_make(path, algorithm)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::sources::SOURCES;

    #[test]
    fn every_role_and_every_source_has_a_client() {
        for role in Role::ALL {
            assert!(CLIENTS.iter().any(|(_, has, _)| *has == role), "{role}");
        }
        for source in SOURCES {
            assert!(
                CLIENTS.iter().any(|(id, ..)| *id == source.client),
                "{}",
                source.client
            );
        }
    }
}
