//! Private keys that sign tokens and assertions: generated, kept as PKCS#8 PEM, named by their thumbprint.
//!
//! Never prints a secret: neither type here has a `Display`, and their `Debug` shows no key material. Never reads
//! or writes a file. Source: RFC 5958 and RFC 7468 (PKCS#8 PEM).

use crate::{KeyFault, PublicKey, SignatureAlgorithm};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::EncodingKey;
use std::fmt;

const PEM_BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const PEM_END: &str = "-----END PRIVATE KEY-----";
const PEM_LINE_CHARS: usize = 64;
const PEM_MAX_BYTES: usize = 4096;

/// A private key and its public half.
#[derive(Clone)]
pub struct SigningKey {
    public: PublicKey,
    encoding: EncodingKey,
}

/// A private key as text; hand it to a file that only its owner may read.
#[derive(Clone)]
pub struct PrivateKeyPem(String);

impl SigningKey {
    /// Makes a new key from the system's randomness.
    ///
    /// # Errors
    /// [`KeyFault::Generation`]: the system gave none.
    pub fn generate(algorithm: SignatureAlgorithm) -> Result<Self, KeyFault> {
        let document = match algorithm {
            SignatureAlgorithm::Es256 => {
                EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).and_then(|pair| pair.to_pkcs8v1())
            }
            // Version 1 of the format, which OpenSSL reads too.
            SignatureAlgorithm::EdDsa => Ed25519KeyPair::generate().and_then(|pair| pair.to_pkcs8v1()),
        };
        Self::from_pkcs8(document.map_err(|_unspecified| KeyFault::Generation)?.as_ref())
    }

    /// Reads one unencrypted PKCS#8 private key in PEM, P-256 or Ed25519.
    ///
    /// # Errors
    /// [`KeyFault::PrivateKey`]: anything else.
    pub fn from_pkcs8_pem(pem: &str) -> Result<Self, KeyFault> {
        if pem.len() > PEM_MAX_BYTES {
            return Err(KeyFault::PrivateKey);
        }
        let base64: String = pem
            .trim()
            .strip_prefix(PEM_BEGIN)
            .and_then(|rest| rest.strip_suffix(PEM_END))
            .ok_or(KeyFault::PrivateKey)?
            .split_ascii_whitespace()
            .collect();
        let document = STANDARD
            .decode(base64)
            .map_err(|_not_base64| KeyFault::PrivateKey)?;
        Self::from_pkcs8(&document)
    }

    /// The key as PKCS#8 PEM, which OpenSSL reads too.
    #[must_use]
    pub fn to_pkcs8_pem(&self) -> PrivateKeyPem {
        let base64 = STANDARD.encode(self.encoding.as_bytes());
        let mut pem = String::from(PEM_BEGIN);
        for (position, character) in base64.chars().enumerate() {
            if position % PEM_LINE_CHARS == 0 {
                pem.push('\n');
            }
            pem.push(character);
        }
        pem.push('\n');
        pem.push_str(PEM_END);
        pem.push('\n');
        PrivateKeyPem(pem)
    }

    /// The public half: its thumbprint, its algorithm, its JWK.
    #[must_use]
    pub const fn public_key(&self) -> &PublicKey {
        &self.public
    }

    pub(crate) const fn encoding_key(&self) -> &EncodingKey {
        &self.encoding
    }

    pub(crate) fn from_pkcs8(document: &[u8]) -> Result<Self, KeyFault> {
        if let Ok(pair) = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document) {
            let (x, y) = coordinates(pair.public_key().as_ref()).ok_or(KeyFault::PrivateKey)?;
            let public = PublicKey::on_p256(x, y)?;
            return Ok(Self {
                public,
                encoding: EncodingKey::from_ec_der(document),
            });
        }
        let pair = Ed25519KeyPair::from_pkcs8(document).map_err(|_rejected| KeyFault::PrivateKey)?;
        let point = pair
            .public_key()
            .as_ref()
            .try_into()
            .map_err(|_wrong_length| KeyFault::PrivateKey)?;
        let public = PublicKey::on_ed25519(point)?;
        Ok(Self {
            public,
            encoding: EncodingKey::from_ed_der(document),
        })
    }
}

/// The coordinates of an uncompressed P-256 point.
fn coordinates(point: &[u8]) -> Option<([u8; 32], [u8; 32])> {
    let (x, rest) = point.strip_prefix(&[0x04])?.split_first_chunk()?;
    Some((*x, rest.try_into().ok()?))
}

impl PrivateKeyPem {
    /// The text itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("public", &self.public)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for PrivateKeyPem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKeyPem(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BOTH: [SignatureAlgorithm; 2] = [SignatureAlgorithm::Es256, SignatureAlgorithm::EdDsa];

    #[test]
    fn a_key_survives_its_file() {
        for algorithm in BOTH {
            let key = SigningKey::generate(algorithm).unwrap();
            let pem = key.to_pkcs8_pem();
            let again = SigningKey::from_pkcs8_pem(&pem.expose().replace('\n', "\r\n")).unwrap();
            assert_eq!(again.public_key().jwk(), key.public_key().jwk());
            assert_eq!(again.public_key().algorithm(), algorithm);
            assert!(pem.expose().lines().all(|line| line.len() <= PEM_LINE_CHARS));
        }
    }

    #[test]
    fn two_generated_keys_differ() {
        for algorithm in BOTH {
            let [one, other] = [(); 2].map(|()| SigningKey::generate(algorithm).unwrap());
            assert_ne!(one.public_key().kid(), other.public_key().kid());
        }
    }

    #[test]
    fn debug_output_shows_no_secret() {
        for algorithm in BOTH {
            let key = SigningKey::generate(algorithm).unwrap();
            let pem = key.to_pkcs8_pem();
            let shown = format!("{key:?} {key:#?} {pem:?}");
            assert!(shown.contains(key.public_key().kid()));
            for line in pem.expose().lines().filter(|line| !line.starts_with('-')) {
                assert!(!shown.contains(line));
            }
            let bytes = format!("{:?}", key.encoding_key().as_bytes());
            assert!(!shown.contains(bytes.trim_matches(['[', ']'])));
        }
    }

    #[test]
    fn anything_but_one_private_key_of_ours_is_refused() {
        let pem = SigningKey::generate(SignatureAlgorithm::Es256)
            .unwrap()
            .to_pkcs8_pem()
            .expose()
            .to_owned();
        let p384 = EcdsaKeyPair::generate(&aws_lc_rs::signature::ECDSA_P384_SHA384_FIXED_SIGNING).unwrap();
        let p384 = STANDARD.encode(p384.to_pkcs8v1().unwrap());
        let texts = [
            String::new(),
            pem.replace("PRIVATE", "PUBLIC"),
            pem.replace("BEGIN PRIVATE", "BEGIN EC PRIVATE"),
            format!("{pem}{pem}"),
            pem.replacen("MI", "MA", 1),
            format!("{PEM_BEGIN}\n{p384}\n{PEM_END}\n"),
            format!("{PEM_BEGIN}\n{PEM_END}\n"),
            " ".repeat(PEM_MAX_BYTES) + &pem,
        ];
        for text in texts {
            assert_eq!(
                SigningKey::from_pkcs8_pem(&text).unwrap_err(),
                KeyFault::PrivateKey,
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_document_makes_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let pem = format!("{PEM_BEGIN}\n{}\n{PEM_END}\n", STANDARD.encode(bytes));
            prop_assert!(SigningKey::from_pkcs8_pem(&pem).is_err());
        }
    }
}
