//! What holds of the rules whatever the figures: told exactly when broken, in whatever order the rows come.

use super::{by_sex, judged, jump, months, sexes, try_book};
use crate::rules::differs_by;
use leleka_domain::{Code, Finding};
use proptest::prelude::*;

proptest! {
    #[test]
    fn a_total_is_told_exactly_when_its_parts_do_not_make_it(men in 0_u32..1000, women in 0_u32..1000, off in -5_i32..5) {
        let book = try_book(sexes()).unwrap();
        let total = f64::from(men) + f64::from(women) + f64::from(off);
        let found = judged(&book, &by_sex(total, Some(men.into()), Some(women.into())), &[], true);
        prop_assert_eq!(found.len(), usize::from(off != 0));
    }

    #[test]
    fn the_order_of_rows_changes_places_only(values in proptest::collection::vec(0_u32..500, 3), turn in 0_usize..3) {
        let book = try_book(sexes()).unwrap();
        let mut sent = by_sex(values[0].into(), Some(values[1].into()), Some(values[2].into()));
        let before = judged(&book, &sent, &[], true);
        sent.rotate_left(turn);
        let after = judged(&book, &sent, &[], true);
        let said = |found: &[Finding]| found.iter().map(|it| (it.code, it.value.clone(), it.expected.clone())).collect::<Vec<_>>();
        prop_assert_eq!(said(&before), said(&after));
    }

    #[test]
    fn scaling_a_whole_history_never_makes_a_jump(base in 60_f64..1e6, factor in 1_f64..1000.0, wobble in proptest::collection::vec(0.9_f64..1.1, 8)) {
        let book = try_book(jump()).unwrap();
        let values: Vec<f64> = wobble.iter().map(|it| (it * base * factor).round()).collect();
        let sent = months(&values);
        prop_assert!(judged(&book, &sent[7..], &sent[..7], true).is_empty());
    }

    #[test]
    fn a_thousandfold_slip_is_always_told(base in 60_f64..1e6, wobble in proptest::collection::vec(0.9_f64..1.1, 8)) {
        let book = try_book(jump()).unwrap();
        let mut values: Vec<f64> = wobble.iter().map(|it| (it * base).round()).collect();
        values[7] *= 1000.0;
        let sent = months(&values);
        let found = judged(&book, &sent[7..], &sent[..7], true);
        prop_assert_eq!(found.len(), 1);
        prop_assert_eq!(found[0].code, Code::ValueOutlier);
    }

    #[test]
    fn a_difference_is_a_share_and_the_same_from_both_sides(left in -1e9_f64..1e9, right in -1e9_f64..1e9) {
        let share = differs_by(left, right);
        prop_assert!((0.0..=2.0).contains(&share));
        prop_assert!((share - differs_by(right, left)).abs() < 1e-12);
    }
}
