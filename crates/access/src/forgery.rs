//! Tokens as an attacker would write them: any header, any payload, any signature. For tests only.

use crate::{PublicKey, SignatureAlgorithm, SigningKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::Value;

/// Signs any header and payload, as text, with a real key.
pub(crate) fn forged(header: &str, payload: &str, key: &SigningKey) -> String {
    signed_with(
        header,
        payload,
        key.encoding_key(),
        key.public_key().algorithm().of_jsonwebtoken(),
    )
}

/// Signs with HMAC and any secret.
pub(crate) fn forged_hs256(header: &str, payload: &str, secret: &[u8]) -> String {
    signed_with(
        header,
        payload,
        &EncodingKey::from_secret(secret),
        Algorithm::HS256,
    )
}

/// Writes no signature, or any text in its place.
pub(crate) fn unsigned(header: &str, payload: &str, signature: &str) -> String {
    format!(
        "{}.{}.{signature}",
        URL_SAFE_NO_PAD.encode(header),
        URL_SAFE_NO_PAD.encode(payload)
    )
}

/// The other valid signature of an ES256 token: (r, n − s) in place of (r, s).
pub(crate) fn with_other_signature(token: &str) -> String {
    const ORDER: &[u8; 32] = b"\xff\xff\xff\xff\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\
        \xbc\xe6\xfa\xad\xa7\x17\x9e\x84\xf3\xb9\xca\xc2\xfc\x63\x25\x51";
    let (message, signature) = token.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let (r, s) = signature.split_at(32);
    let mut other = [0_u8; 32];
    let mut borrow = 0;
    for i in (0..32).rev() {
        let difference = i32::from(ORDER[i]) - i32::from(s[i]) - borrow;
        borrow = i32::from(difference < 0);
        other[i] = u8::try_from(difference.rem_euclid(256)).unwrap();
    }
    format!("{message}.{}", URL_SAFE_NO_PAD.encode([r, &other].concat()))
}

/// The forms in which a public key might be mistaken for an HMAC secret.
pub(crate) fn public_key_as_secrets(key: &PublicKey) -> Vec<Vec<u8>> {
    let jwk = key.jwk();
    let [x, y] = [Some(&jwk.x), jwk.y.as_ref()].map(|it| URL_SAFE_NO_PAD.decode(it.unwrap()).unwrap());
    let point = [vec![4], x, y].concat();
    let text = serde_json::to_vec(&jwk).unwrap();
    vec![
        key.decoding_key().try_get_as_bytes().unwrap().to_vec(),
        point,
        text,
        Vec::new(),
    ]
}

/// A key with its header, as the holder of the key would write it.
pub(crate) fn header_of(key: &SigningKey, typ: &str) -> Value {
    let public = key.public_key();
    serde_json::json!({"alg": public.algorithm().as_str(), "kid": public.kid(), "typ": typ})
}

/// The object with one member set.
pub(crate) fn with(object: &Value, name: &str, value: impl Into<Value>) -> String {
    let mut object = object.clone();
    object[name] = value.into();
    object.to_string()
}

/// The object without one member.
pub(crate) fn without(object: &Value, name: &str) -> String {
    let mut object = object.clone();
    assert!(
        object.as_object_mut().unwrap().remove(name).is_some(),
        "{name} was there"
    );
    object.to_string()
}

/// The object with one member written a second time, as its last one.
pub(crate) fn with_second(object: &Value, name: &str, value: impl Into<Value>) -> String {
    let text = object.to_string();
    format!(
        "{},\"{name}\":{}}}",
        text.strip_suffix('}').unwrap(),
        value.into()
    )
}

/// The first `length` characters.
pub(crate) fn cut(token: &str, length: usize) -> &str {
    token.get(..length).unwrap()
}

/// The token with another character at one place.
pub(crate) fn with_character(token: &str, place: usize, character: &str) -> String {
    let mut token = token.to_owned();
    token.replace_range(place..=place, character);
    token
}

/// A new P-256 key.
pub(crate) fn es256_key() -> SigningKey {
    SigningKey::generate(SignatureAlgorithm::Es256).unwrap()
}

/// A new Ed25519 key.
pub(crate) fn eddsa_key() -> SigningKey {
    SigningKey::generate(SignatureAlgorithm::EdDsa).unwrap()
}

fn signed_with(header: &str, payload: &str, key: &EncodingKey, algorithm: Algorithm) -> String {
    crate::install_crypto();
    let message = unsigned(header, payload, "");
    let message = message.strip_suffix('.').unwrap();
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), key, algorithm).unwrap();
    format!("{message}.{signature}")
}
