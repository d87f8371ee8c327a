//! Opaque cursors, authenticated and bound to the query they belong to.

use crate::http::problem::Failure;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use leleka_domain::Code;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::Sha256;

const MAC_BYTES: usize = 16;

/// Makes and reads cursors.
#[derive(Clone)]
pub(crate) struct CursorKey([u8; 32]);

impl CursorKey {
    pub(crate) fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    fn mac(&self, bound_to: &str, place: &[u8]) -> Vec<u8> {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else {
            return Vec::new();
        };
        mac.update(&(bound_to.len() as u64).to_be_bytes());
        mac.update(bound_to.as_bytes());
        mac.update(place);
        mac.finalize().into_bytes().into_iter().take(MAC_BYTES).collect()
    }

    /// A cursor for a place in the answer to this query.
    pub(crate) fn make<T: Serialize>(&self, bound_to: &str, place: &T) -> String {
        let place = serde_json::to_vec(place).unwrap_or_default();
        let mut bytes = self.mac(bound_to, &place);
        bytes.extend_from_slice(&place);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The place, when there is a cursor and it was made here for this query.
    pub(crate) fn read<T: DeserializeOwned>(
        &self,
        bound_to: &str,
        cursor: Option<&str>,
    ) -> Result<Option<T>, Failure> {
        let invalid = || Failure::new(Code::CursorInvalid);
        let Some(cursor) = cursor else {
            return Ok(None);
        };
        let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| invalid())?;
        let (mac, place) = bytes.split_at_checked(MAC_BYTES).ok_or_else(invalid)?;
        let expected = self.mac(bound_to, place);
        let differs = mac
            .iter()
            .zip(&expected)
            .fold(0_u8, |sum, (left, right)| sum | (left ^ right));
        if differs != 0 || expected.len() != MAC_BYTES {
            return Err(invalid());
        }
        serde_json::from_slice(place).map(Some).map_err(|_| invalid())
    }
}

/// The query without its cursor and page size: what a cursor is bound to, and the beginning of `next`.
pub(crate) fn query_without_cursor(path: &str, query: &str) -> String {
    let kept: Vec<&str> = query
        .split('&')
        .filter(|pair| !pair.is_empty() && !pair.starts_with("cursor="))
        .collect();
    format!("{path}?{}", kept.join("&"))
}

/// The path of the next page.
pub(crate) fn next_page(bound_to: &str, cursor: &str) -> String {
    let mark = if bound_to.ends_with('?') { "" } else { "&" };
    format!("{bound_to}{mark}cursor={cursor}")
}
