//! The header `Prefer` (RFC 7240): how a sender would like to be answered.
//!
//! A preference is never a condition: what is unknown, malformed or said again is passed over.

use actix_web::http::header::{HeaderMap, HeaderName};

/// Longest wait that is granted, in seconds; who asks for more gets this.
const WAIT_SECONDS: u32 = 20;

/// The preferences that mean something here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Prefer {
    /// Take it now and read it later.
    pub(crate) respond_async: bool,
    /// Wait so many seconds for the result.
    pub(crate) wait_seconds: Option<u32>,
}

impl Prefer {
    /// Every preference of a request, from however many headers.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let values = headers.get_all(HeaderName::from_static("prefer"));
        Self::read(values.filter_map(|value| value.to_str().ok()))
    }

    fn read<'a>(values: impl Iterator<Item = &'a str>) -> Self {
        let mut found = Self::default();
        let mut seen: Vec<String> = Vec::new();
        for preference in values.flat_map(|value| split_outside_quotes(value, ',')) {
            // Parameters after a semicolon belong to preferences that are not known here.
            let word = split_outside_quotes(preference, ';')
                .into_iter()
                .next()
                .unwrap_or("");
            let (name, value) = word.split_once('=').unwrap_or((word, ""));
            let (name, value) = (name.trim().to_ascii_lowercase(), unquoted(value.trim()));
            // RFC 7240 § 2: of a repeated preference the first counts.
            if name.is_empty() || seen.contains(&name) {
                continue;
            }
            match name.as_str() {
                "respond-async" => found.respond_async = value.is_empty(),
                "wait" => found.wait_seconds = seconds(value),
                _ => {}
            }
            seen.push(name);
        }
        found
    }
}

/// Whole seconds, at most as many as are granted.
fn seconds(value: &str) -> Option<u32> {
    let is_number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| {
        value
            .parse()
            .map_or(WAIT_SECONDS, |asked: u32| asked.min(WAIT_SECONDS))
    })
}

fn unquoted(value: &str) -> &str {
    value
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or(value)
}

/// Pieces between separators that do not stand in a quoted string; a quotation mark may be escaped in it.
fn split_outside_quotes(text: &str, separator: char) -> Vec<&str> {
    let (mut pieces, mut begin) = (Vec::new(), 0);
    let (mut quoted, mut escaped) = (false, false);
    for (place, letter) in text.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if letter == separator && !quoted => {
                pieces.extend(text.get(begin..place));
                begin = place + separator.len_utf8();
            }
            _ => {}
        }
    }
    pieces.extend(text.get(begin..));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(values: &[&str]) -> (bool, Option<u32>) {
        let prefer = Prefer::read(values.iter().copied());
        (prefer.respond_async, prefer.wait_seconds)
    }

    #[test]
    fn the_two_known_preferences_are_found_wherever_they_stand() {
        assert_eq!(read(&[]), (false, None));
        assert_eq!(read(&["respond-async"]), (true, None));
        assert_eq!(read(&["respond-async, wait=10"]), (true, Some(10)));
        assert_eq!(read(&["wait=10", "respond-async"]), (true, Some(10)));
        assert_eq!(read(&["Respond-Async , WAIT = \"7\""]), (true, Some(7)));
        assert_eq!(read(&["wait=0"]), (false, Some(0)));
        assert_eq!(
            read(&["foo; bar=\"wait=3, respond-async\", wait=5; x=1"]),
            (false, Some(5))
        );
    }

    #[test]
    fn nobody_waits_longer_than_is_granted() {
        assert_eq!(read(&["wait=20"]).1, Some(20));
        assert_eq!(read(&["wait=21"]).1, Some(20));
        assert_eq!(read(&["wait=99999999999999999999"]).1, Some(20));
    }

    #[test]
    fn what_is_unknown_or_malformed_is_passed_over() {
        for text in [
            "",
            ",",
            ";",
            "=",
            "return=minimal",
            "handling=lenient",
            "wait",
            "wait=",
            "wait=-1",
            "wait=1.5",
            "wait=soon",
            "respond-async=yes",
            "respondasync",
            "\"respond-async\"",
            "wait=\"",
            "=wait",
        ] {
            assert_eq!(read(&[text]), (false, None), "{text}");
        }
    }

    #[test]
    fn of_a_repeated_preference_the_first_counts() {
        assert_eq!(read(&["wait=3, wait=9"]).1, Some(3));
        assert_eq!(read(&["wait=soon", "wait=9"]).1, None);
    }

    proptest! {
        #[test]
        fn any_text_is_read_and_grants_no_more_than_is_granted(text in ".{0,80}") {
            let prefer = Prefer::read([text.as_str()].into_iter());
            prop_assert!(prefer.wait_seconds.is_none_or(|wait| wait <= WAIT_SECONDS));
        }

        #[test]
        fn other_preferences_around_change_nothing(
            before in "[a-vx-z][a-z]{2,8}(=[a-z0-9]{1,5})?", wait in 0_u32..40
        ) {
            prop_assume!(!before.starts_with("wait") && !before.starts_with("respond-async"));
            let text = format!("{before}, respond-async, wait={wait}, other");
            prop_assert_eq!(read(&[&text]), (true, Some(wait.min(20))));
        }
    }
}
