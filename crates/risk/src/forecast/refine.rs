//! The last steps to a minimum, by gradients: the method of Broyden, Fletcher, Goldfarb and Shanno.
//!
//! A simplex ends where it has become small, which in a dozen variables is short of the minimum; from there on
//! second-order steps arrive. Gradients are central differences. Deterministic, and never goes uphill.

/// Step of a difference, in units of the scale.
const DIFFERENCE: f64 = 1e-5;
/// Most steps.
const STEPS: usize = 80;
/// Most halvings of one step.
const HALVINGS: usize = 30;

/// A lower place than `start`, or `start` itself; `scale` tells how far a step in each variable may go.
pub(super) fn refine(
    start: (Vec<f64>, f64),
    scale: &[f64],
    function: &mut dyn FnMut(&[f64]) -> f64,
) -> (Vec<f64>, f64) {
    let n = scale.len();
    let (origin, mut height) = start;
    let scale: Vec<f64> = scale.iter().map(|step| step.abs().max(1e-12)).collect();
    let place = |z: &[f64]| -> Vec<f64> {
        let moved = origin.iter().zip(z.iter().zip(&scale));
        moved.map(|(x, (z, scale))| x + z * scale).collect()
    };
    let mut z = vec![0.0; n];
    let Some(mut slope) = gradient(&z, &mut |z| function(&place(z))) else {
        return (origin, height);
    };
    let mut inverse = Inverse::unit(n);
    for _ in 0..STEPS {
        let mut direction = inverse.times(&slope);
        if dot(&direction, &slope) <= 0.0 {
            inverse = Inverse::unit(n);
            direction.clone_from(&slope);
        }
        let Some((next, reached)) = downhill(&z, (&direction, &slope), height, &mut |z| function(&place(z)))
        else {
            break;
        };
        let gained = height - reached;
        let Some(next_slope) = gradient(&next, &mut |z| function(&place(z))) else {
            (z, height) = (next, reached);
            break;
        };
        let moved: Vec<f64> = next.iter().zip(&z).map(|(next, z)| next - z).collect();
        let turned: Vec<f64> = next_slope
            .iter()
            .zip(&slope)
            .map(|(next, old)| next - old)
            .collect();
        inverse.learn(&moved, &turned);
        (z, height, slope) = (next, reached, next_slope);
        if gained <= 1e-10 * (height.abs() + 1.0) {
            break;
        }
    }
    (place(&z), height)
}

/// The first of ever shorter steps against the slope that pays.
fn downhill(
    z: &[f64],
    (direction, slope): (&[f64], &[f64]),
    height: f64,
    function: &mut dyn FnMut(&[f64]) -> f64,
) -> Option<(Vec<f64>, f64)> {
    let promised = dot(direction, slope);
    // A first step of more than the scale would leave the neighbourhood in which the slope means something.
    let longest = direction.iter().fold(0.0_f64, |longest, d| longest.max(d.abs()));
    let mut length = if longest > 2.0 { 2.0 / longest } else { 1.0 };
    for _ in 0..HALVINGS {
        let tried: Vec<f64> = z.iter().zip(direction).map(|(z, d)| z - length * d).collect();
        let reached = function(&tried);
        if reached.is_finite() && reached < height - 1e-4 * length * promised {
            return Some((tried, reached));
        }
        length *= 0.5;
    }
    None
}

/// Central differences; `None` where the function is not finite around a place.
fn gradient(z: &[f64], function: &mut dyn FnMut(&[f64]) -> f64) -> Option<Vec<f64>> {
    let mut moved = z.to_vec();
    let mut slopes = Vec::with_capacity(z.len());
    for (at, centre) in z.iter().enumerate() {
        let mut side = |by: f64| {
            if let Some(x) = moved.get_mut(at) {
                *x = centre + by;
            }
            function(&moved)
        };
        let slope = (side(DIFFERENCE) - side(-DIFFERENCE)) / (2.0 * DIFFERENCE);
        side(0.0);
        slopes.push(slope);
    }
    slopes.iter().all(|slope| slope.is_finite()).then_some(slopes)
}

fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(left, right)| left * right).sum()
}

/// What is known of the inverse of the second derivatives, by rows.
struct Inverse(Vec<Vec<f64>>);

impl Inverse {
    fn unit(n: usize) -> Self {
        let row = |at: usize| (0..n).map(|to| f64::from(u8::from(at == to))).collect();
        Self((0..n).map(row).collect())
    }

    fn times(&self, vector: &[f64]) -> Vec<f64> {
        self.0.iter().map(|row| dot(row, vector)).collect()
    }

    /// Takes in how the slope turned over a step.
    fn learn(&mut self, moved: &[f64], turned: &[f64]) {
        let curvature = dot(moved, turned);
        if curvature <= 1e-12 {
            return;
        }
        let carried = self.times(turned);
        let share = (1.0 + dot(turned, &carried) / curvature) / curvature;
        for ((row, own_moved), own_carried) in self.0.iter_mut().zip(moved).zip(&carried) {
            for ((cell, moved), carried) in row.iter_mut().zip(moved).zip(&carried) {
                *cell += share * own_moved * moved - (own_carried * moved + own_moved * carried) / curvature;
            }
        }
    }
}
