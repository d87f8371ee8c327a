//! Indicators against each other: a linear comparison at one body, period and set of dimensions.
//!
//! Says nothing unless every term has a number.

use crate::rules::definition::{Comparison, Relation, Rule, Term};
use crate::rules::figures::{KnownFigure, KnownFigures, SentFigure};
use crate::rules::judging::{Judging, finding_at, number, period_text};
use crate::rules::rulebook::{Need, RuleBook};
use leleka_domain::{Code, FindingRelated, Period, SeriesKey};

/// A term at its place: its key, its period and what it is multiplied by.
struct Seat {
    key: SeriesKey,
    period: Period,
    times: f64,
}

/// Both sides at their places, for a figure that is one of their terms.
struct Seats {
    left: Vec<Seat>,
    right: Vec<Seat>,
}

impl Comparison {
    /// Every way in which a figure may stand in this comparison: it may be this period's and the next one's term.
    fn seats(&self, book: &RuleBook, key: &SeriesKey, period: Period) -> Vec<Seats> {
        let terms = self.left.iter().chain(&self.right);
        let mut lags: Vec<i32> = terms
            .filter(|term| term.indicator == key.indicator)
            .map(|term| term.lag)
            .collect();
        lags.sort_unstable();
        lags.dedup();
        lags.into_iter()
            .filter_map(|lag| {
                let base = period.shift(lag)?;
                let side = |terms: &[Term]| -> Option<Vec<Seat>> {
                    let seat = |term: &Term| {
                        Some(Seat {
                            key: book.translated(key, &term.indicator)?,
                            period: base.shift(-term.lag)?,
                            times: term.times,
                        })
                    };
                    terms.iter().map(seat).collect()
                };
                Some(Seats {
                    left: side(&self.left)?,
                    right: side(&self.right)?,
                })
            })
            .collect()
    }

    pub(crate) fn needs(&self, book: &RuleBook, key: &SeriesKey, period: Period, needs: &mut Vec<Need>) {
        for seats in self.seats(book, key, period) {
            needs.extend(seats.left.iter().chain(&seats.right).map(|seat| Need {
                series: seat.key.id(),
                from: seat.period.start(),
                to: seat.period.start(),
            }));
        }
    }

    /// `2 × A + B[-1]`, as people read it.
    fn side_text(terms: &[Term]) -> String {
        let written = terms.iter().map(|term| {
            let lag = if term.lag == 0 {
                String::new()
            } else {
                format!("[-{}]", term.lag)
            };
            let times = if (term.times - 1.0).abs() < f64::EPSILON {
                String::new()
            } else {
                format!("{} × ", number(term.times))
            };
            format!("{times}{}{lag}", term.indicator)
        });
        written.collect::<Vec<_>>().join(" + ")
    }
}

/// A sum with its figures; `None` when one of them is not known.
fn sum(seats: &[Seat], known: &KnownFigures) -> Option<(f64, Vec<KnownFigure>)> {
    let figures: Option<Vec<KnownFigure>> = seats
        .iter()
        .map(|seat| known.of(seat.key.id(), seat.period.start()))
        .collect();
    let figures = figures?;
    let pairs = seats.iter().zip(&figures);
    Some((
        pairs.map(|(seat, figure)| seat.times * figure.value).sum(),
        figures,
    ))
}

impl Judging<'_> {
    pub(crate) fn comparison(
        &mut self,
        (number_of_rule, rule): (usize, &Rule),
        comparison: &Comparison,
        (key, figure): (&SeriesKey, SentFigure),
        known: &KnownFigures,
    ) {
        let Some(period) = Period::containing(key.frequency, figure.period) else {
            return;
        };
        for seats in comparison.seats(self.book, key, period) {
            let (Some((left, lefts)), Some((right, rights))) =
                (sum(&seats.left, known), sum(&seats.right, known))
            else {
                continue;
            };
            let terms = f64::from(u32::try_from(lefts.len() + rights.len()).unwrap_or(u32::MAX));
            let tolerance = terms * comparison.rounding_step / 2.0 + left.abs().max(right.abs()) * 1e-9;
            let broken = match comparison.relation {
                Relation::AtMost => left - right > tolerance,
                Relation::Equal => (left - right).abs() > tolerance,
            };
            let anchor = seats.left.first();
            let first = anchor.map(|seat| (number_of_rule, seat.key.id(), seat.period.start()));
            // Each term that was sent leads here again.
            if !broken || !first.is_some_and(|place| self.told.insert(place)) {
                continue;
            }
            let sign = match comparison.relation {
                Relation::AtMost => "≤",
                Relation::Equal => "=",
            };
            let finding = finding_at(rule, Code::ValueCrossIndicator, figure);
            let finding = finding.value(&number(left)).expected(format!(
                "{sign} {}: {} {sign} {}",
                number(right),
                Comparison::side_text(&comparison.left),
                Comparison::side_text(&comparison.right)
            ));
            let all = seats.left.iter().zip(lefts).chain(seats.right.iter().zip(rights));
            let related = all.map(|(seat, figure)| FindingRelated {
                series: seat.key.to_string(),
                period: period_text(&seat.key, seat.period.start()),
                value: Some(number(figure.value)),
                row: figure.own_row.map(u64::from),
            });
            self.tell(finding, related);
        }
    }
}
