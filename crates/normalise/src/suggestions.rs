//! What a sender may have meant: the nearest keys of a list by edit distance.
//!
//! A suggestion is only ever shown. Nothing is resolved by it.

use std::cmp::min;

/// Edits (insert, delete, replace, swap neighbours) that still count as near.
const NEAR: usize = 2;
/// Longer texts are not typing errors of a name.
const LONGEST: usize = 64;

/// A text made ready to be compared with many keys.
pub(crate) struct Near {
    letters: Vec<char>,
    mask: u64,
}

impl Near {
    /// `None` for texts that are too short or too long to be a mistyped key; among short codes with digits
    /// every one is near another.
    pub(crate) fn new(key: &str) -> Option<Self> {
        let letters: Vec<char> = key.chars().collect();
        let shortest = if letters.iter().any(char::is_ascii_digit) {
            5
        } else {
            2
        };
        ((shortest..=LONGEST).contains(&letters.len())).then(|| Self {
            mask: letter_mask(key),
            letters,
        })
    }

    /// The distance to a key when it is near; short texts must be nearer.
    pub(crate) fn distance(&self, key: &str, mask: u64) -> Option<usize> {
        // One edit changes at most two letters of the set.
        if (self.mask ^ mask).count_ones() as usize > 2 * NEAR {
            return None;
        }
        let other: Vec<char> = key.chars().take(LONGEST + NEAR + 1).collect();
        let most = if self.letters.len() <= 4 { 1 } else { NEAR };
        if self.letters.len().abs_diff(other.len()) > most {
            return None;
        }
        let distance = edit_distance(&self.letters, &other);
        (distance <= most).then_some(distance)
    }
}

/// The set of letters of a key, hashed to 64 bits.
pub(crate) fn letter_mask(key: &str) -> u64 {
    key.chars()
        .fold(0, |mask, letter| mask | 1 << (u32::from(letter) % 64))
}

/// Damerau-Levenshtein distance, optimal string alignment.
fn edit_distance(left: &[char], right: &[char]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=right.len()).collect();
    let mut left_before = None;
    for (row, letter) in left.iter().enumerate() {
        let mut current = Vec::with_capacity(right.len() + 1);
        let mut beside = row + 1;
        current.push(beside);
        let mut right_before = None;
        for (column, other) in right.iter().enumerate() {
            let at = |cells: &[usize], index: usize| cells.get(index).copied().unwrap_or(usize::MAX - 1);
            let mut best = min(
                min(beside, at(&last, column + 1)) + 1,
                at(&last, column) + usize::from(letter != other),
            );
            if left_before == Some(other) && right_before == Some(letter) {
                best = min(best, at(&before_last, column.saturating_sub(1)) + 1);
            }
            current.push(best);
            beside = best;
            right_before = Some(other);
        }
        left_before = Some(letter);
        before_last = std::mem::replace(&mut last, current);
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn distance(left: &str, right: &str) -> Option<usize> {
        Near::new(left)?.distance(right, letter_mask(right))
    }

    #[test]
    fn typing_errors_are_near_and_other_names_are_not() {
        assert_eq!(distance("лвівська", "львівська"), Some(1));
        assert_eq!(distance("львівсьак", "львівська"), Some(1), "neighbours swapped");
        assert_eq!(distance("вінницка область", "вінницька область"), Some(1));
        assert_eq!(distance("одеська", "київська"), None);
        assert_eq!(distance("ua", "ub"), Some(1));
        assert_eq!(
            distance("ua", "sy"),
            None,
            "two edits of two letters are another word"
        );
        assert_eq!(distance("x", "y"), None);
        assert_eq!(distance("same text", "same text"), Some(0));
    }
}
