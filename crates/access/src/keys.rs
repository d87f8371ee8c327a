//! Public keys: read from a JWK with every check, named by their thumbprint.
//!
//! Never reads a private, symmetric or RSA key, never takes a key by URL, never lets a JWK name itself: `kid` is
//! the thumbprint. Source: RFC 7517, RFC 8037 (Ed25519), RFC 7638 (thumbprint), FAPI 2.0 § 5.4 (algorithms).

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ParsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use thiserror::Error;

const JWK_MAX_BYTES: usize = 2048;
const COORDINATE_BYTES: usize = 32;

/// The signature algorithms in use. A key has one, and a token's header cannot choose another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SignatureAlgorithm {
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// EdDSA on Ed25519.
    EdDsa,
}

impl SignatureAlgorithm {
    /// The name in a token's header and in a JWK's `alg`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }

    pub(crate) const fn of_jsonwebtoken(self) -> jsonwebtoken::Algorithm {
        match self {
            Self::Es256 => jsonwebtoken::Algorithm::ES256,
            Self::EdDsa => jsonwebtoken::Algorithm::EdDSA,
        }
    }

    const fn key_type(self) -> &'static str {
        match self {
            Self::Es256 => "EC",
            Self::EdDsa => "OKP",
        }
    }

    const fn curve(self) -> &'static str {
        match self {
            Self::Es256 => "P-256",
            Self::EdDsa => "Ed25519",
        }
    }
}

/// Why a key cannot be used; shown to whoever registers or loads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum KeyFault {
    /// Not a JWK, or one with members that a public signature key does not have.
    #[error("this is not a JWK of a public signature key (members kty, crv, x, y, alg, use, kid)")]
    Json,
    /// The private half is in it.
    #[error("this JWK holds the private key: treat the key as disclosed and make a new one")]
    PrivateMember,
    /// Neither a P-256 nor an Ed25519 key.
    #[error("only keys on the curves P-256 (kty EC) and Ed25519 (kty OKP) are accepted")]
    Curve,
    /// `alg` is not the curve's algorithm.
    #[error("the algorithm in alg does not fit the curve: P-256 has ES256, Ed25519 has EdDSA")]
    Algorithm,
    /// `use` or `key_ops` name another use.
    #[error("the key is not meant for checking signatures (use must be sig, key_ops must be verify)")]
    Use,
    /// The coordinates are not a usable point of the curve.
    #[error("the coordinates x and y are not a usable point of the curve")]
    Point,
    /// `kid` is not the thumbprint.
    #[error("kid must be the RFC 7638 thumbprint of the key, or be left out")]
    Thumbprint,
    /// Not one PKCS#8 private key in PEM.
    #[error("this is not one private key in PKCS#8 PEM (BEGIN PRIVATE KEY), unencrypted, P-256 or Ed25519")]
    PrivateKey,
    /// The system gave no randomness.
    #[error("a key could not be generated")]
    Generation,
}

impl KeyFault {
    /// The same sentence in Ukrainian.
    #[must_use]
    pub const fn text_uk(self) -> &'static str {
        match self {
            Self::Json => {
                "Це не JWK відкритого ключа підпису (допустимі члени kty, crv, x, y, alg, use, kid)"
            }
            Self::PrivateMember => "Цей JWK містить закритий ключ: вважайте ключ розкритим і створіть новий",
            Self::Curve => "Приймаються лише ключі на кривих P-256 (kty EC) та Ed25519 (kty OKP)",
            Self::Algorithm => "Алгоритм в alg не відповідає кривій: для P-256 це ES256, для Ed25519 — EdDSA",
            Self::Use => "Ключ не призначено для перевірки підпису (use має бути sig, key_ops — verify)",
            Self::Point => "Координати x та y не є придатною точкою кривої",
            Self::Thumbprint => "kid має бути відбитком ключа за RFC 7638, або його слід прибрати",
            Self::PrivateKey => {
                "Це не один закритий ключ у форматі PKCS#8 PEM (BEGIN PRIVATE KEY), незашифрований, P-256 або Ed25519"
            }
            Self::Generation => "Не вдалося створити ключ",
        }
    }
}

/// A public key that can check signatures of its one algorithm.
#[derive(Clone)]
pub struct PublicKey {
    kid: String,
    algorithm: SignatureAlgorithm,
    x: [u8; COORDINATE_BYTES],
    y: Option<[u8; COORDINATE_BYTES]>,
    decoding: DecodingKey,
}

/// A public key as it is published, `kid` being its thumbprint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PublicJwk {
    /// Key type: `EC` or `OKP`.
    pub kty: &'static str,
    /// Curve: `P-256` or `Ed25519`.
    pub crv: &'static str,
    /// First coordinate, base64url.
    pub x: String,
    /// Second coordinate, base64url; Ed25519 has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub y: Option<String>,
    /// Algorithm: `ES256` or `EdDSA`.
    pub alg: &'static str,
    /// Always `sig`.
    #[serde(rename = "use")]
    pub usage: &'static str,
    /// RFC 7638 thumbprint, SHA-256, base64url.
    pub kid: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JwkMembers {
    kty: String,
    #[serde(default)]
    crv: Option<String>,
    #[serde(default)]
    x: Option<String>,
    #[serde(default)]
    y: Option<String>,
    #[serde(default)]
    alg: Option<String>,
    #[serde(default, rename = "use")]
    usage: Option<String>,
    #[serde(default)]
    key_ops: Option<Vec<String>>,
    #[serde(default)]
    kid: Option<String>,
    /// Written by browsers' WebCrypto; says nothing about a public key.
    #[serde(default, rename = "ext")]
    _extractable: Option<bool>,
    #[serde(default)]
    d: Presence,
    #[serde(default)]
    k: Presence,
    #[serde(default)]
    n: Presence,
    #[serde(default)]
    e: Presence,
}

/// Whether a member stands in the document at all, even as `null`.
#[derive(Default)]
struct Presence(bool);

impl<'de> Deserialize<'de> for Presence {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_any| Self(true))
    }
}

impl PublicKey {
    /// Reads one JWK.
    ///
    /// # Errors
    /// [`KeyFault`]: not a public signature key on P-256 or Ed25519, or its members disagree.
    pub fn from_jwk(json: &str) -> Result<Self, KeyFault> {
        if json.len() > JWK_MAX_BYTES || !json.trim_ascii_start().starts_with('{') {
            return Err(KeyFault::Json);
        }
        let members: JwkMembers = serde_json::from_str(json).map_err(|_not_a_jwk| KeyFault::Json)?;
        let algorithm = members.algorithm()?;
        members.check_use()?;
        let x = coordinate(members.x.as_deref())?;
        let key = match algorithm {
            SignatureAlgorithm::Es256 => Self::on_p256(x, coordinate(members.y.as_deref())?)?,
            SignatureAlgorithm::EdDsa if members.y.is_some() => return Err(KeyFault::Point),
            SignatureAlgorithm::EdDsa => Self::on_ed25519(x)?,
        };
        if members.kid.is_some_and(|kid| kid != key.kid) {
            return Err(KeyFault::Thumbprint);
        }
        Ok(key)
    }

    /// The key whose coordinates these are, after the check that they lie on P-256.
    pub(crate) fn on_p256(x: [u8; COORDINATE_BYTES], y: [u8; COORDINATE_BYTES]) -> Result<Self, KeyFault> {
        let point: Vec<u8> = [0x04_u8].into_iter().chain(x).chain(y).collect();
        ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &point).map_err(|_rejected| KeyFault::Point)?;
        Ok(Self {
            kid: thumbprint(SignatureAlgorithm::Es256, &x, Some(&y)),
            algorithm: SignatureAlgorithm::Es256,
            x,
            y: Some(y),
            decoding: DecodingKey::from_ec_der(&point),
        })
    }

    /// The key whose encoded point this is, unless anybody could sign for it.
    pub(crate) fn on_ed25519(x: [u8; COORDINATE_BYTES]) -> Result<Self, KeyFault> {
        if has_small_order(x) {
            return Err(KeyFault::Point);
        }
        Ok(Self {
            kid: thumbprint(SignatureAlgorithm::EdDsa, &x, None),
            algorithm: SignatureAlgorithm::EdDsa,
            x,
            y: None,
            decoding: DecodingKey::from_ed_der(&x),
        })
    }

    /// The key's name: its RFC 7638 thumbprint, 43 characters.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The one algorithm whose signatures the key checks.
    #[must_use]
    pub const fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// The key as it is published.
    #[must_use]
    pub fn jwk(&self) -> PublicJwk {
        PublicJwk {
            kty: self.algorithm.key_type(),
            crv: self.algorithm.curve(),
            x: URL_SAFE_NO_PAD.encode(self.x),
            y: self.y.map(|y| URL_SAFE_NO_PAD.encode(y)),
            alg: self.algorithm.as_str(),
            usage: "sig",
            kid: self.kid.clone(),
        }
    }

    pub(crate) const fn decoding_key(&self) -> &DecodingKey {
        &self.decoding
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublicKey")
            .field("kid", &self.kid)
            .field("algorithm", &self.algorithm)
            .finish()
    }
}

impl JwkMembers {
    fn algorithm(&self) -> Result<SignatureAlgorithm, KeyFault> {
        if self.d.0 {
            return Err(KeyFault::PrivateMember);
        }
        let algorithm = [SignatureAlgorithm::Es256, SignatureAlgorithm::EdDsa]
            .into_iter()
            .find(|it| self.kty == it.key_type() && self.crv.as_deref() == Some(it.curve()))
            .ok_or(KeyFault::Curve)?;
        if self.k.0 || self.n.0 || self.e.0 {
            return Err(KeyFault::Json);
        }
        match self.alg.as_deref() {
            Some(alg) if alg != algorithm.as_str() => Err(KeyFault::Algorithm),
            _ => Ok(algorithm),
        }
    }

    fn check_use(&self) -> Result<(), KeyFault> {
        let fits = self.usage.as_deref().is_none_or(|usage| usage == "sig")
            && self
                .key_ops
                .as_deref()
                .is_none_or(|operations| operations == ["verify"]);
        if fits { Ok(()) } else { Err(KeyFault::Use) }
    }
}

fn coordinate(member: Option<&str>) -> Result<[u8; COORDINATE_BYTES], KeyFault> {
    let bytes = member
        .and_then(|text| URL_SAFE_NO_PAD.decode(text).ok())
        .ok_or(KeyFault::Point)?;
    bytes.try_into().map_err(|_wrong_length| KeyFault::Point)
}

/// RFC 7638: SHA-256 over the required members in alphabetical order, without a blank.
fn thumbprint(
    algorithm: SignatureAlgorithm,
    x: &[u8; COORDINATE_BYTES],
    y: Option<&[u8; COORDINATE_BYTES]>,
) -> String {
    let (crv, kty, x) = (algorithm.curve(), algorithm.key_type(), URL_SAFE_NO_PAD.encode(x));
    let members = match y.map(|y| URL_SAFE_NO_PAD.encode(y)) {
        Some(y) => format!(r#"{{"crv":"{crv}","kty":"{kty}","x":"{x}","y":"{y}"}}"#),
        None => format!(r#"{{"crv":"{crv}","kty":"{kty}","x":"{x}"}}"#),
    };
    URL_SAFE_NO_PAD.encode(Sha256::digest(members))
}

/// The y of every point of order 1, 2, 4 or 8, in all encodings (the sign bit aside).
///
/// Under such a key anybody can sign anything, and nobody could be held to what was sent with it.
fn has_small_order(point: [u8; COORDINATE_BYTES]) -> bool {
    const ORDER_8: [&[u8; COORDINATE_BYTES]; 2] = [
        b"\x26\xe8\x95\x8f\xc2\xb2\x27\xb0\x45\xc3\xf4\x89\xf2\xef\x98\xf0\
          \xd5\xdf\xac\x05\xd3\xc6\x33\x39\xb1\x38\x02\x88\x6d\x53\xfc\x05",
        b"\xc7\x17\x6a\x70\x3d\x4d\xd8\x4f\xba\x3c\x0b\x76\x0d\x10\x67\x0f\
          \x2a\x20\x53\xfa\x2c\x39\xcc\xc6\x4e\xc7\xfd\x77\x92\xac\x03\x7a",
    ];
    let [first, middle @ .., last] = point;
    let last = last & 0x7f;
    let zero_or_one = first <= 1 && last == 0 && middle.iter().all(|byte| *byte == 0);
    let near_the_prime =
        (0xec..=0xee).contains(&first) && last == 0x7f && middle.iter().all(|byte| *byte == 0xff);
    let order_8 = ORDER_8.iter().any(|[it_first, it_middle @ .., it_last]| {
        *it_first == first && *it_middle == middle && *it_last == last
    });
    zero_or_one || near_the_prime || order_8
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    const X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
    const Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
    const ED: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

    fn p256() -> Value {
        json!({"kty": "EC", "crv": "P-256", "x": X, "y": Y})
    }

    fn ed25519() -> Value {
        json!({"kty": "OKP", "crv": "Ed25519", "x": ED})
    }

    fn read(jwk: &Value) -> Result<PublicKey, KeyFault> {
        PublicKey::from_jwk(&jwk.to_string())
    }

    fn with(mut jwk: Value, name: &str, value: Value) -> Result<PublicKey, KeyFault> {
        jwk[name] = value;
        read(&jwk)
    }

    #[test]
    fn thumbprints_are_those_of_the_published_vectors() {
        // RFC 8037 appendix A.3; the P-256 key is that of RFC 7515 appendix A.3.
        assert_eq!(
            read(&ed25519()).unwrap().kid(),
            "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
        );
        assert_eq!(
            read(&p256()).unwrap().kid(),
            "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U"
        );
    }

    #[test]
    fn what_is_published_reads_back_as_the_same_key() {
        for jwk in [p256(), ed25519()] {
            let key = read(&jwk).unwrap();
            let published = serde_json::to_string(&key.jwk()).unwrap();
            assert_eq!(PublicKey::from_jwk(&published).unwrap().jwk(), key.jwk());
        }
    }

    #[test]
    fn a_key_that_is_not_a_public_signature_key_is_refused() {
        let fault = |result: Result<PublicKey, KeyFault>| result.unwrap_err();
        let key = || p256();
        assert_eq!(fault(with(key(), "d", json!("AA"))), KeyFault::PrivateMember);
        assert_eq!(fault(with(key(), "d", Value::Null)), KeyFault::PrivateMember);
        assert_eq!(fault(with(ed25519(), "d", json!("AA"))), KeyFault::PrivateMember);
        assert_eq!(
            fault(read(&json!({"kty": "oct", "k": "c2VjcmV0"}))),
            KeyFault::Curve
        );
        assert_eq!(
            fault(read(&json!({"kty": "RSA", "n": "AQAB", "e": "AQAB"}))),
            KeyFault::Curve
        );
        assert_eq!(fault(with(key(), "crv", json!("P-384"))), KeyFault::Curve);
        assert_eq!(fault(with(key(), "crv", json!("Ed25519"))), KeyFault::Curve);
        assert_eq!(fault(with(ed25519(), "crv", json!("X25519"))), KeyFault::Curve);
        assert_eq!(fault(with(key(), "k", json!("AA"))), KeyFault::Json);
        assert_eq!(
            fault(with(key(), "x5u", json!("https://example.org"))),
            KeyFault::Json
        );
        assert_eq!(fault(with(key(), "alg", json!("EdDSA"))), KeyFault::Algorithm);
        assert_eq!(fault(with(ed25519(), "alg", json!("HS256"))), KeyFault::Algorithm);
        assert_eq!(fault(with(key(), "use", json!("enc"))), KeyFault::Use);
        assert_eq!(
            fault(with(key(), "key_ops", json!(["sign", "verify"]))),
            KeyFault::Use
        );
        assert_eq!(fault(with(key(), "kid", json!("mine"))), KeyFault::Thumbprint);
        assert_eq!(fault(PublicKey::from_jwk(r#"["EC","P-256"]"#)), KeyFault::Json);
        let repeated = format!(r#"{{"kty":"oct","kty":"EC","crv":"P-256","x":"{X}","y":"{Y}"}}"#);
        assert_eq!(fault(PublicKey::from_jwk(&repeated)), KeyFault::Json);
    }

    #[test]
    fn a_point_that_is_no_key_is_refused() {
        assert_eq!(with(p256(), "y", json!(X)).unwrap_err(), KeyFault::Point);
        assert_eq!(with(p256(), "x", json!("AAAA")).unwrap_err(), KeyFault::Point);
        assert_eq!(
            with(p256(), "x", json!(format!("{X}="))).unwrap_err(),
            KeyFault::Point
        );
        assert_eq!(with(ed25519(), "y", json!(Y)).unwrap_err(), KeyFault::Point);
        let identity = URL_SAFE_NO_PAD.encode([1_u8; 1].into_iter().chain([0; 31]).collect::<Vec<_>>());
        assert_eq!(
            with(ed25519(), "x", json!(identity)).unwrap_err(),
            KeyFault::Point
        );
    }

    #[test]
    fn every_point_of_small_order_is_recognised_with_either_sign() {
        let low: [&str; 7] = [
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "JuiVj8KyJ7BFw_SJ8u-Y8NXfrAXTxjM5sTgCiG1T_AU",
            "xxdqcD1N2E-6PAt2DRBnDyogU_osOczGTsf9d5KsA3o",
            "7P_______________________________________38",
            "7f_______________________________________38",
            "7v_______________________________________38",
        ];
        for text in low {
            let mut point = coordinate(Some(text)).unwrap();
            assert!(has_small_order(point), "{text}");
            point[31] |= 0x80;
            assert!(has_small_order(point), "{text} with its sign");
        }
        assert!(!has_small_order(coordinate(Some(ED)).unwrap()));
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "(?s).{0,200}") {
            prop_assert!(PublicKey::from_jwk(&text).is_err());
        }

        #[test]
        fn no_coordinates_make_the_reader_panic(x in "[A-Za-z0-9_-]{40,46}", y in "[A-Za-z0-9_-]{43}") {
            let _ = with(p256(), "x", json!(x));
            let _ = with(p256(), "y", json!(y));
            let _ = with(ed25519(), "x", json!(x));
        }
    }
}
