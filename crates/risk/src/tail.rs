//! Tails of counts: Poisson, or negative binomial where counts vary more than Poisson ones.

use statrs::distribution::{DiscreteCDF, NegativeBinomial, Poisson};

/// The distribution of a count of known mean and dispersion.
pub(crate) enum CountTail {
    Poisson(Poisson),
    Overdispersed(NegativeBinomial),
}

/// Beyond this a count is no longer told from its neighbours.
const LARGEST: f64 = 9_007_199_254_740_992.0;

impl CountTail {
    /// `dispersion`: variance over mean; at most 1 means Poisson.
    pub(crate) fn new(mean: f64, dispersion: f64) -> Option<Self> {
        if !mean.is_finite() || mean <= 0.0 || !dispersion.is_finite() {
            return None;
        }
        if dispersion > 1.0 {
            let size = mean / (dispersion - 1.0);
            return NegativeBinomial::new(size, 1.0 / dispersion)
                .ok()
                .map(Self::Overdispersed);
        }
        Poisson::new(mean).ok().map(Self::Poisson)
    }

    /// P(Y ≥ count).
    pub(crate) fn at_least(&self, count: f64) -> f64 {
        let count = count.clamp(0.0, LARGEST).ceil() as u64;
        let Some(below) = count.checked_sub(1) else {
            return 1.0;
        };
        match self {
            Self::Poisson(tail) => tail.sf(below),
            Self::Overdispersed(tail) => tail.sf(below),
        }
    }

    /// P(Y ≤ count).
    pub(crate) fn at_most(&self, count: f64) -> f64 {
        let count = count.clamp(0.0, LARGEST).floor() as u64;
        match self {
            Self::Poisson(tail) => tail.cdf(count),
            Self::Overdispersed(tail) => tail.cdf(count),
        }
    }

    /// The smallest count whose lower probability reaches `p`.
    pub(crate) fn quantile(&self, p: f64) -> f64 {
        let mut high = 1.0;
        while self.at_most(high) < p && high < LARGEST {
            high *= 2.0;
        }
        let mut low = -1.0;
        while high - low > 1.0 {
            let middle = ((low + high) / 2.0_f64).floor();
            if self.at_most(middle) >= p {
                high = middle;
            } else {
                low = middle;
            }
        }
        high
    }
}
