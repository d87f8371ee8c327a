//! How sure a composite is: its score when weights, goalposts and the form of aggregation are drawn again.
//!
//! Saisana, Saltelli and Tarantola 2005. Draws come from a seed that is made from the definition, the key and the
//! period: the same question has the same answer on every machine.

use crate::composite::{Combination, Component, Normalisation, composite};
use crate::level::{Cuts, Level};
use sha2::{Digest, Sha256};

/// Draws unless told.
pub const DRAWS: u16 = 1_000;
/// Below this share of draws with the same level a composite is fragile.
pub const FRAGILE: f64 = 0.7;
/// Weights are drawn within this share of themselves.
const WEIGHTS: f64 = 0.2;
/// Goalposts are drawn within this share of their distance.
const GOALPOSTS: f64 = 0.1;

/// What the draws say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sensitivity {
    /// The score that 5 % of the draws are below.
    pub p05: f64,
    /// The score that 5 % of the draws are above.
    pub p95: f64,
    /// Share of draws with the level of the composite itself, 0 to 1.
    pub same_level: f64,
    /// Whether that share is too small for the level to be relied on.
    pub fragile: bool,
}

/// Numbers that follow from a seed: xoshiro256** (Blackman and Vigna 2018) from the SHA-256 of the seed.
struct Draws([u64; 4]);

impl Draws {
    fn new(seed: &[u8]) -> Self {
        let digest = Sha256::digest(seed);
        let mut words = digest.as_slice().chunks_exact(8);
        let mut word = || {
            let bytes = words.next().and_then(|word| word.try_into().ok());
            u64::from_le_bytes(bytes.unwrap_or_default())
        };
        Self([word(), word(), word(), word()])
    }

    fn next(&mut self) -> u64 {
        let [mut a, mut b, mut c, mut d] = self.0;
        let number = b.wrapping_mul(5).rotate_left(7).wrapping_mul(9);
        let shifted = b << 17;
        c ^= a;
        d ^= b;
        b ^= c;
        a ^= d;
        c ^= shifted;
        self.0 = [a, b, c, d.rotate_left(45)];
        number
    }

    /// Uniform between −1 and 1.
    fn around_zero(&mut self) -> f64 {
        // 53 bits are all that a double holds.
        (self.next() >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }
}

/// A component that is drawn again: a value, or a composite with components of its own.
#[derive(Clone, Debug)]
pub(crate) struct Drawn {
    pub(crate) of: DrawnOf,
    pub(crate) normalisation: Normalisation,
    pub(crate) weight: f64,
}

/// What a drawn component rests on.
#[derive(Clone, Debug)]
pub(crate) enum DrawnOf {
    /// A value that stays as it is; absent components stay absent.
    Value(Option<f64>),
    /// A composite that is drawn itself.
    Composite(Combination, Vec<Drawn>),
}

/// Draws a composite again; `None` when it has no score.
///
/// `seed` names the composite, the key and the period. A product stays a product; the other forms are drawn.
#[must_use]
pub fn sensitivity(
    components: &[Component],
    how: Combination,
    min_weight_coverage: f64,
    cuts: &Cuts,
    (seed, draws): (&[u8], u16),
) -> Option<Sensitivity> {
    let own = composite(components, how, min_weight_coverage).score.ok()?;
    let parts = components.iter().map(|component| Drawn {
        of: DrawnOf::Value(component.value),
        normalisation: component.normalisation.clone(),
        weight: component.weight,
    });
    drawn_sensitivity(&parts.collect::<Vec<_>>(), (how, own), cuts, (seed, draws))
}

/// The same for a composite of composites, each of which is drawn in its place.
pub(crate) fn drawn_sensitivity(
    parts: &[Drawn],
    (how, own): (Combination, f64),
    cuts: &Cuts,
    (seed, draws): (&[u8], u16),
) -> Option<Sensitivity> {
    let level: Level = cuts.level(Some(own));
    let mut stream = Draws::new(seed);
    let mut scores = Vec::with_capacity(usize::from(draws));
    let mut same = 0_u32;
    for _ in 0..draws.max(1) {
        let score = draw(parts, how, &mut stream)?;
        same += u32::from(cuts.level(Some(score)) == level);
        scores.push(score);
    }
    scores.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let place = (share * (scores.len() - 1) as f64).round() as usize;
        scores.get(place).copied()
    };
    let same_level = f64::from(same) / scores.len() as f64;
    Some(Sensitivity {
        p05: at(0.05)?,
        p95: at(0.95)?,
        same_level,
        fragile: same_level < FRAGILE,
    })
}

/// One draw. The share of the weight that must be present was met; drawn weights must not undo it.
fn draw(parts: &[Drawn], how: Combination, stream: &mut Draws) -> Option<f64> {
    let mut scored = Vec::with_capacity(parts.len());
    for part in parts {
        let weight = part.weight * (1.0 + WEIGHTS * stream.around_zero());
        let (low, high) = (GOALPOSTS * stream.around_zero(), GOALPOSTS * stream.around_zero());
        let value = match &part.of {
            DrawnOf::Value(value) => *value,
            DrawnOf::Composite(how, parts) => draw(parts, *how, stream),
        };
        let score = value.and_then(|value| part.normalisation.moved_score(value, low, high));
        scored.extend(score.map(|score| (score, weight)));
    }
    let form = match (how, stream.next() % 3) {
        (Combination::GeometricStrict, _) => Combination::GeometricStrict,
        (_, 0) => Combination::Arithmetic,
        (_, 1) => Combination::Geometric,
        (_, _) => Combination::GeometricInverse,
    };
    form.of(&scored)
}
