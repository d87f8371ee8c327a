//! The minimum of a function of a few variables: the simplex of Nelder and Mead, then steps by gradients.
//!
//! With the coefficients of Gao and Han 2012, which hold up to some twenty variables. Deterministic; a place
//! where the function is not finite counts as infinitely high.

use super::refine::refine;

/// How long to look.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    /// Evaluations of one descent.
    pub(crate) evaluations: usize,
    /// Descents, each beginning where the one before ended.
    pub(crate) descents: usize,
}

struct Corner {
    place: Vec<f64>,
    height: f64,
}

/// The lowest place found, beginning at `start` with these first steps.
pub(crate) fn minimise(
    start: &[f64],
    steps: &[f64],
    effort: Effort,
    function: &mut dyn FnMut(&[f64]) -> f64,
) -> (Vec<f64>, f64) {
    let mut height = |place: &[f64]| {
        let height = function(place);
        if height.is_finite() { height } else { f64::INFINITY }
    };
    let mut best = Corner {
        place: start.to_vec(),
        height: height(start),
    };
    for descent in 0..effort.descents {
        let shrink = 1.0 / (1.0 + descent as f64);
        let before = best.height;
        best = descend(best, steps, shrink, effort.evaluations, &mut height);
        let (place, reached) = refine((best.place, best.height), steps, &mut height);
        best = Corner {
            place,
            height: reached,
        };
        let gained = before - best.height;
        if descent > 0 && gained <= 1e-8 * (best.height.abs() + 1e-8) {
            break;
        }
    }
    (best.place, best.height)
}

type Height<'a> = &'a mut dyn FnMut(&[f64]) -> f64;

fn descend(best: Corner, steps: &[f64], shrink: f64, evaluations: usize, height: Height<'_>) -> Corner {
    let n = best.place.len() as f64;
    let mut corners = simplex(best, steps, shrink, height);
    let reach = (1.0 + 2.0 / n, 0.75 - 0.5 / n);
    let mut spent = corners.len();
    while spent < evaluations {
        corners.sort_by(|left, right| left.height.total_cmp(&right.height));
        let (Some(low), Some(high)) = (corners.first(), corners.last()) else {
            break;
        };
        if high.height - low.height <= 1e-10 * (low.height.abs() + 1e-10) {
            break;
        }
        let Some(worst) = corners.pop() else { break };
        let next = moved(&corners, &worst, reach, height);
        spent += 2;
        if next.height < worst.height {
            corners.push(next);
            continue;
        }
        corners.push(worst);
        spent += corners.len();
        pull_in(&mut corners, 1.0 - 1.0 / n, height);
    }
    corners.sort_by(|left, right| left.height.total_cmp(&right.height));
    corners.into_iter().next().unwrap_or(Corner {
        place: Vec::new(),
        height: f64::INFINITY,
    })
}

/// The first corners: a place, and one step from it along each axis.
fn simplex(best: Corner, steps: &[f64], shrink: f64, height: Height<'_>) -> Vec<Corner> {
    let mut corners = Vec::with_capacity(steps.len() + 1);
    for (at, step) in steps.iter().enumerate() {
        let mut place = best.place.clone();
        if let Some(x) = place.get_mut(at) {
            *x += step * shrink;
        }
        let height = height(&place);
        corners.push(Corner { place, height });
    }
    corners.push(best);
    corners
}

/// The worst corner, moved through the middle of the others: further, as far, or less far.
fn moved(others: &[Corner], worst: &Corner, (expand, contract): (f64, f64), height: Height<'_>) -> Corner {
    let middle = centre(others);
    let mut tried = |by: f64| {
        let pairs = middle.iter().zip(&worst.place);
        let place: Vec<f64> = pairs
            .map(|(middle, worst)| middle + by * (middle - worst))
            .collect();
        let height = height(&place);
        Corner { place, height }
    };
    let lowest = others.first().map_or(f64::INFINITY, |corner| corner.height);
    let second = others.last().map_or(f64::INFINITY, |corner| corner.height);
    let reflected = tried(1.0);
    if reflected.height < lowest {
        let further = tried(expand);
        if further.height < reflected.height {
            further
        } else {
            reflected
        }
    } else if reflected.height < second {
        reflected
    } else if reflected.height < worst.height {
        tried(contract)
    } else {
        tried(-contract)
    }
}

/// Every corner but the lowest, the first, moves towards it.
fn pull_in(corners: &mut [Corner], by: f64, height: Height<'_>) {
    let Some((lowest, others)) = corners.split_first_mut() else {
        return;
    };
    for corner in others {
        for (x, low) in corner.place.iter_mut().zip(&lowest.place) {
            *x = low + by * (*x - low);
        }
        corner.height = height(&corner.place);
    }
}

fn centre(corners: &[Corner]) -> Vec<f64> {
    let mut middle = vec![0.0; corners.first().map_or(0, |corner| corner.place.len())];
    for corner in corners {
        for (sum, x) in middle.iter_mut().zip(&corner.place) {
            *sum += x / corners.len() as f64;
        }
    }
    middle
}
