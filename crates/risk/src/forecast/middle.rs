//! The two middle sizes of a list, as the reference of STL finds them.
//!
//! R's `stl` sorts no further than it must (Chambers 1971), and asks for the upper middle before the lower one.
//! For an even count a split between the two leaves the part of one of them as it is, so that one can lie further
//! out than the true one. Whoever compares with R must do the same; an odd count has one middle, which is exact.

/// Segments at most so long are sorted by insertion.
const SHORT: usize = 11;

/// A stretch `from..=to` with the places that are still asked for.
type Segment = (usize, usize, Vec<usize>);

/// The lower and the upper middle; the same twice for an odd count, zeros without any value.
pub(super) fn two_middle(sizes: &[f64]) -> (f64, f64) {
    let n = sizes.len();
    let Some(last) = n.checked_sub(1) else {
        return (0.0, 0.0);
    };
    let (upper, lower) = (n / 2, last / 2);
    let mut left = sizes.to_vec();
    let mut open: Vec<Segment> = vec![(0, last, vec![upper, lower])];
    while let Some((from, to, asked)) = open.pop() {
        if asked.is_empty() || from >= to {
            continue;
        }
        // What begins at the first value is always split.
        if to - from < SHORT && from > 0 {
            if let Some(part) = left.get_mut(from..=to) {
                part.sort_unstable_by(f64::total_cmp);
            }
            continue;
        }
        let (below, above) = split(&mut left, from, to);
        open.extend(shared_out((from, below), (above, to), asked));
    }
    let at = |place: usize| left.get(place).copied().unwrap_or(0.0);
    (at(lower), at(upper))
}

/// Moves what is less than a middle value to the left; gives the end of the left part and the begin of the right.
fn split(values: &mut [f64], from: usize, to: usize) -> (usize, usize) {
    let middle = (from + to) / 2;
    let at = |values: &[f64], place: usize| values.get(place).copied().unwrap_or(f64::NAN);
    let in_order = |values: &mut [f64], low: usize, high: usize| {
        if at(values, low) > at(values, high) {
            values.swap(low, high);
        }
    };
    in_order(values, from, middle);
    if at(values, to) < at(values, middle) {
        values.swap(middle, to);
        in_order(values, from, middle);
    }
    let pivot = at(values, middle);
    let (mut low, mut high) = (from, to);
    loop {
        high -= 1;
        while at(values, high) > pivot {
            high -= 1;
        }
        low += 1;
        while at(values, low) < pivot {
            low += 1;
        }
        if low > high {
            return (high, low);
        }
        values.swap(low, high);
    }
}

/// Which part goes on with which places: the shorter takes its own from one end of the list of places only.
fn shared_out(
    left: (usize, usize),
    right: (usize, usize),
    mut asked: Vec<usize>,
) -> impl Iterator<Item = Segment> {
    let left_is_shorter = left.1 - left.0 <= right.1 - right.0;
    let parts = if left_is_shorter {
        let kept = asked
            .iter()
            .rposition(|place| *place <= left.1)
            .map_or(0, |at| at + 1);
        let rest = asked.split_off(kept);
        [(right.0, right.1, rest), (left.0, left.1, asked)]
    } else {
        let kept = asked
            .iter()
            .position(|place| *place >= right.0)
            .unwrap_or(asked.len());
        let rest = asked.split_off(kept);
        [(left.0, left.1, asked), (right.0, right.1, rest)]
    };
    parts.into_iter()
}

#[cfg(test)]
mod tests {
    use super::two_middle;
    use proptest::prelude::*;

    fn sorted(mut sizes: Vec<f64>) -> Vec<f64> {
        sizes.sort_by(f64::total_cmp);
        sizes
    }

    proptest! {
        #[test]
        fn an_odd_count_has_its_median(half in 0_usize..120, seed in prop::collection::vec(0.0..50.0_f64, 241)) {
            let sizes: Vec<f64> = seed.into_iter().take(2 * half + 1).collect();
            let (lower, upper) = two_middle(&sizes);
            let median = sorted(sizes)[half];
            prop_assert_eq!((lower, upper), (median, median));
        }

        #[test]
        fn an_even_count_has_one_true_middle_and_another_no_closer(
            half in 1_usize..120, seed in prop::collection::vec(0.0..50.0_f64, 240),
        ) {
            let sizes: Vec<f64> = seed.into_iter().take(2 * half).collect();
            let (lower, upper) = two_middle(&sizes);
            let sorted = sorted(sizes);
            prop_assert!(lower <= sorted[half - 1] && sorted[half] <= upper);
            prop_assert!(lower.to_bits() == sorted[half - 1].to_bits() || upper.to_bits() == sorted[half].to_bits());
        }
    }
}
