//! The access token of a request: exactly one `Authorization` header of the scheme `Bearer`.
//!
//! Never looks anywhere else: a token in a query, a form or a cookie is no token. Source: RFC 6750 § 2.1,
//! RFC 9110 § 11.4 (the scheme's case does not matter).

use thiserror::Error;

/// Why a request carries no usable token; the answer is 401.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum BearerFault {
    /// There is no `Authorization` header.
    #[error("the Authorization header is missing")]
    Missing,
    /// There are several: which one counts must not be a matter of taste.
    #[error("the Authorization header stands more than once")]
    Repeated,
    /// The scheme is another one.
    #[error("the scheme of the Authorization header is not Bearer")]
    OtherScheme,
    /// After the scheme stands no token, or characters that no token has.
    #[error("the Authorization header holds no token")]
    Malformed,
}

/// Takes the token from all values of the request's `Authorization` headers.
///
/// # Errors
/// [`BearerFault`]: no header, several, another scheme, or no token in it.
pub fn bearer_token<'a>(header_values: &[&'a str]) -> Result<&'a str, BearerFault> {
    let value = match header_values {
        [] => return Err(BearerFault::Missing),
        [one] => one,
        [_, _, ..] => return Err(BearerFault::Repeated),
    };
    let (scheme, rest) = value.split_once(' ').unwrap_or((value, ""));
    if !scheme.eq_ignore_ascii_case("Bearer") {
        return Err(BearerFault::OtherScheme);
    }
    let token = rest.trim_start_matches(' ');
    let characters = token.trim_end_matches('=');
    if characters.is_empty() || !characters.bytes().all(is_token_character) {
        return Err(BearerFault::Malformed);
    }
    Ok(token)
}

fn is_token_character(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_header_of_the_scheme_gives_its_token() {
        for value in ["Bearer abc.def.ghi", "bearer abc.def.ghi", "BEARER   abc.def.ghi"] {
            assert_eq!(bearer_token(&[value]), Ok("abc.def.ghi"), "{value}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        let cases: [(&[&str], BearerFault); 11] = [
            (&[], BearerFault::Missing),
            (&["Bearer a", "Bearer a"], BearerFault::Repeated),
            (&["Bearer a", "Basic b"], BearerFault::Repeated),
            (&[""], BearerFault::OtherScheme),
            (&["Basic abc"], BearerFault::OtherScheme),
            (&["DPoP abc"], BearerFault::OtherScheme),
            (&[" Bearer abc"], BearerFault::OtherScheme),
            (&["Bearer"], BearerFault::Malformed),
            (&["Bearer  "], BearerFault::Malformed),
            (&["Bearer a, Bearer b"], BearerFault::Malformed),
            (&["Bearer токен"], BearerFault::Malformed),
        ];
        for (values, fault) in cases {
            assert_eq!(bearer_token(values), Err(fault), "{values:?}");
        }
    }

    proptest! {
        #[test]
        fn a_token_is_always_a_visible_part_of_its_header(value in "(?s).{0,80}") {
            if let Ok(token) = bearer_token(&[&value]) {
                prop_assert!(value.ends_with(token));
                prop_assert!(token.bytes().all(|byte| byte.is_ascii_graphic()));
            }
        }
    }
}
