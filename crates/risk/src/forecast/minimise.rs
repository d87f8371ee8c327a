//! The minimum of a function of a few variables without derivatives: the simplex of Nelder and Mead.
//!
//! With the coefficients of Gao and Han 2012, which hold up to some twenty variables. Deterministic; a place
//! where the function is not finite counts as infinitely high.

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
        let gained = before - best.height;
        if descent > 0 && gained <= 1e-8 * (best.height.abs() + 1e-8) {
            break;
        }
    }
    (best.place, best.height)
}

fn descend(
    best: Corner,
    steps: &[f64],
    shrink: f64,
    evaluations: usize,
    height: &mut dyn FnMut(&[f64]) -> f64,
) -> Corner {
    let n = best.place.len() as f64;
    let mut corners = vec![best];
    for (at, step) in steps.iter().enumerate() {
        let mut place = corners.first().map(|corner| corner.place.clone()).unwrap_or_default();
        if let Some(x) = place.get_mut(at) {
            *x += step * shrink;
        }
        let height = height(&place);
        corners.push(Corner { place, height });
    }
    let (expand, contract, reduce) = (1.0 + 2.0 / n, 0.75 - 0.5 / n, 1.0 - 1.0 / n);
    let mut spent = corners.len();
    while spent < evaluations {
        corners.sort_by(|left, right| left.height.total_cmp(&right.height));
        let (Some(low), Some(high)) = (corners.first(), corners.last()) else {
            break;
        };
        if high.height - low.height <= 1e-12 * (low.height.abs() + 1e-12) {
            break;
        }
        let Some(worst) = corners.pop() else { break };
        let middle = centre(&corners);
        let along = |by: f64| -> Vec<f64> {
            let pairs = middle.iter().zip(&worst.place);
            pairs.map(|(middle, worst)| middle + by * (middle - worst)).collect()
        };
        let mut tried = |by: f64| {
            let place = along(by);
            let height = height(&place);
            Corner { place, height }
        };
        let lowest = corners.first().map_or(f64::INFINITY, |corner| corner.height);
        let second = corners.last().map_or(f64::INFINITY, |corner| corner.height);
        let reflected = tried(1.0);
        spent += 2;
        let next = if reflected.height < lowest {
            let further = tried(expand);
            if further.height < reflected.height { further } else { reflected }
        } else if reflected.height < second {
            reflected
        } else if reflected.height < worst.height {
            tried(contract)
        } else {
            tried(-contract)
        };
        let accepted = next.height < worst.height;
        corners.push(if accepted { next } else { worst });
        if !accepted {
            let lowest = corners.first().map(|corner| corner.place.clone()).unwrap_or_default();
            for corner in corners.iter_mut().skip(1) {
                for (x, low) in corner.place.iter_mut().zip(&lowest) {
                    *x = low + reduce * (*x - low);
                }
                corner.height = height(&corner.place);
                spent += 1;
            }
        }
    }
    corners.sort_by(|left, right| left.height.total_cmp(&right.height));
    corners.into_iter().next().unwrap_or(Corner {
        place: Vec::new(),
        height: f64::INFINITY,
    })
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
