//! The service's own keys, in files of the data directory that only their owner can read.
//!
//! Made at the first start; never shipped, never printed, never in the database.

use crate::service::StartError;
use leleka_access::{SignatureAlgorithm, SigningKey};
use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The keys of a service.
pub(crate) struct Keys {
    /// Signs access tokens.
    pub(crate) token: SigningKey,
    /// Authenticates cursors.
    pub(crate) cursor: [u8; 32],
}

impl Keys {
    /// Reads the keys, or makes those that are not there.
    pub(crate) fn open(data_dir: &Path) -> Result<Self, StartError> {
        let folder = data_dir.join("keys");
        folder_make(&folder)?;
        let token = folder.join("token-es256.pem");
        if !token.exists() {
            key_pair_make(&token, SignatureAlgorithm::Es256)?;
        }
        let token =
            SigningKey::from_pkcs8_pem(&text_read(&token)?).map_err(|_fault| StartError::Key(token))?;
        let cursor = folder.join("cursor.key");
        if !cursor.exists() {
            secret_write(&cursor, &random_bytes()?)?;
        }
        let bytes = fs::read(&cursor).map_err(|source| StartError::Files {
            path: cursor.clone(),
            source,
        })?;
        let cursor = bytes.try_into().map_err(|_bytes| StartError::Key(cursor))?;
        Ok(Self { token, cursor })
    }
}

/// Makes a key pair and writes its private half into a new file.
pub(crate) fn key_pair_make(path: &Path, algorithm: SignatureAlgorithm) -> Result<SigningKey, StartError> {
    let key = SigningKey::generate(algorithm).map_err(|_fault| StartError::Key(path.to_owned()))?;
    secret_write(path, key.to_pkcs8_pem().expose().as_bytes())?;
    Ok(key)
}

/// Makes a folder that only its owner can enter, unless it is there.
pub(crate) fn folder_make(path: &Path) -> Result<(), StartError> {
    let fault = |source| StartError::Files {
        path: path.to_owned(),
        source,
    };
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(fault)?;
    }
    match fs::DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(fault(error)),
        _ => Ok(()),
    }
}

/// Writes a file that only its owner can read; whole or not at all.
pub(crate) fn secret_write(path: &Path, bytes: &[u8]) -> Result<(), StartError> {
    let fault = |source| StartError::Files {
        path: path.to_owned(),
        source,
    };
    // A half-written key must not be taken for a key: write beside it, then rename.
    let beside = PathBuf::from(format!("{}.new", path.display()));
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&beside)
        .map_err(fault)?;
    file.write_all(bytes)
        .and_then(|()| file.sync_all())
        .map_err(fault)?;
    fs::rename(&beside, path).map_err(fault)
}

pub(crate) fn text_read(path: &Path) -> Result<String, StartError> {
    fs::read_to_string(path).map_err(|source| StartError::Files {
        path: path.to_owned(),
        source,
    })
}

fn random_bytes() -> Result<[u8; 32], StartError> {
    let source = PathBuf::from("/dev/urandom");
    let mut bytes = [0; 32];
    let read = fs::File::open(&source).and_then(|mut file| file.read_exact(&mut bytes));
    read.map(|()| bytes).map_err(|error| StartError::Files {
        path: source,
        source: error,
    })
}
