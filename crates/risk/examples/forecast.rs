//! The forecast on real series, tested by rolling origin: `cargo run --release -p leleka-risk --example forecast --
//! FOLDER [ORIGINS] [STEP] [CALIBRATION]`.
//!
//! FOLDER holds CSV files of monthly counts with the columns `series,period,value`, periods in order, an empty value
//! for a missing one. From the newest back, every STEP months (1) ORIGINS (24) times, the next six months are forecast
//! from what lies before, and compared with what came: a line for each series, then means and medians. All errors are
//! scaled by the seasonal naive forecast inside the past. With CALIBRATION above 0 intervals come from the errors of so
//! many origins before each, where that is enough, as in the stored forecasts. Reads no clock but to say how long it took.

use leleka_risk::forecast::{
    Accuracy, ForecastPoint, ForecastSettings, Forecasted, POINTS, accuracy, forecast, pool_forecast,
};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

const MONTHS: usize = 12;
const SETTINGS: ForecastSettings = ForecastSettings {
    period: MONTHS,
    horizon: 6,
    counts: true,
};

/// How the test goes.
#[derive(Clone, Copy)]
struct Plan {
    origins: usize,
    step: usize,
    calibration: usize,
}

/// What one series, or all of them, came to.
#[derive(Clone, Copy, Default)]
struct Scores {
    pool: Accuracy,
    naive: Option<f64>,
    seasonal: Option<f64>,
    origins: usize,
    seconds: f64,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some(folder) = arguments.first() else {
        eprintln!("usage: forecast FOLDER [ORIGINS] [STEP] [CALIBRATION]");
        return ExitCode::from(2);
    };
    let number = |place: usize, default: usize| {
        let text = arguments.get(place);
        text.and_then(|text| text.parse().ok()).unwrap_or(default)
    };
    let plan = Plan {
        origins: number(1, 24),
        step: number(2, 1).max(1),
        calibration: number(3, 0),
    };
    match folder_read(Path::new(folder)) {
        Ok(series) => {
            table_print(&series, plan);
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn folder_read(folder: &Path) -> Result<BTreeMap<String, Vec<Option<f64>>>, String> {
    let told = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut series: BTreeMap<String, Vec<Option<f64>>> = BTreeMap::new();
    for entry in std::fs::read_dir(folder).map_err(told)? {
        let path = entry.map_err(told)?.path();
        if path.extension().is_none_or(|extension| extension != "csv") {
            continue;
        }
        let text = std::fs::read_to_string(&path).map_err(told)?;
        for (number, line) in text.lines().enumerate().skip(1) {
            let mut columns = line.split(',');
            let (Some(name), Some(_), Some(value)) = (columns.next(), columns.next(), columns.next()) else {
                return Err(format!(
                    "{}:{}: series,period,value belong here",
                    path.display(),
                    number + 1
                ));
            };
            series
                .entry(name.to_owned())
                .or_default()
                .push(value.parse().ok());
        }
    }
    Ok(series)
}

fn table_print(series: &BTreeMap<String, Vec<Option<f64>>>, plan: Plan) {
    println!(
        "{:<42} {:>7} {:>7} {:>7} {:>7} {:>6} {:>6} {:>8} {:>7}",
        "series", "origins", "MASE", "naive", "s.naive", "in 80", "in 95", "MSIS", "seconds"
    );
    let mut all = Vec::new();
    for (name, values) in series {
        if let Some(found) = judged(values, plan) {
            line_print(name, &found);
            all.push(found);
        } else {
            println!("{name:<42} too short");
        }
    }
    line_print(&format!("mean of {}", all.len()), &together(&all, mean));
    line_print("median", &together(&all, median));
    println!(
        "seconds in all: {:.1}",
        all.iter().map(|found| found.seconds).sum::<f64>()
    );
}

fn line_print(name: &str, found: &Scores) {
    let number = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"));
    println!(
        "{name:<42.42} {:>7} {:>7} {:>7} {:>7} {:>6} {:>6} {:>8} {:>7.2}",
        found.origins,
        number(found.pool.mase),
        number(found.naive),
        number(found.seasonal),
        number(found.pool.coverage80),
        number(found.pool.coverage95),
        number(found.pool.msis95),
        found.seconds,
    );
}

/// The scores of one series over its origins.
fn judged(values: &[Option<f64>], plan: Plan) -> Option<Scores> {
    let begun = Instant::now();
    let last = values.len().checked_sub(SETTINGS.horizon)?;
    let origins = (0..plan.origins).map_while(|turn| last.checked_sub(turn * plan.step));
    let tests: Vec<Scores> = origins
        .filter(|origin| *origin >= POINTS)
        .filter_map(|origin| tested(values, origin, plan))
        .collect();
    if tests.is_empty() {
        return None;
    }
    let mut found = together(&tests, mean);
    found.origins = tests.len();
    found.seconds = begun.elapsed().as_secs_f64();
    Some(found)
}

fn tested(values: &[Option<f64>], origin: usize, plan: Plan) -> Option<Scores> {
    let past = values.get(..origin)?;
    let actual: Vec<f64> = values
        .get(origin..origin + SETTINGS.horizon)?
        .iter()
        .copied()
        .collect::<Option<_>>()?;
    let points = if plan.calibration > 0 {
        forecast(past, SETTINGS, plan.calibration, None)
            .ok()?
            .forecast
            .points
    } else {
        pool_forecast(past, SETTINGS).ok()?.points
    };
    let known: Vec<f64> = past.iter().copied().flatten().collect();
    let take = |of: fn(&ForecastPoint) -> f64| points.iter().map(of).collect::<Vec<f64>>();
    let (lo80, hi80) = (take(|point| point.lo80), take(|point| point.hi80));
    let (lo95, hi95) = (take(|point| point.lo95), take(|point| point.hi95));
    let measured = |point: &[f64]| {
        let compared = Forecasted {
            actual: &actual,
            point,
            at80: (&lo80, &hi80),
            at95: (&lo95, &hi95),
        };
        accuracy(&known, MONTHS, &compared)
    };
    let pool = measured(&take(|point| point.point));
    pool.mase?;
    let newest = known.last().copied()?;
    let season = known.iter().skip(known.len().checked_sub(MONTHS)?);
    let season: Vec<f64> = season.copied().take(actual.len()).collect();
    Some(Scores {
        pool,
        naive: measured(&vec![newest; actual.len()]).mase,
        seasonal: measured(&season).mase,
        origins: 1,
        seconds: 0.0,
    })
}

fn together(all: &[Scores], of: fn(&[f64]) -> Option<f64>) -> Scores {
    let taken =
        |part: &dyn Fn(&Scores) -> Option<f64>| of(&all.iter().filter_map(part).collect::<Vec<f64>>());
    Scores {
        pool: Accuracy {
            mase: taken(&|found| found.pool.mase),
            rmsse: taken(&|found| found.pool.rmsse),
            smape_percent: taken(&|found| found.pool.smape_percent),
            coverage80: taken(&|found| found.pool.coverage80),
            coverage95: taken(&|found| found.pool.coverage95),
            msis95: taken(&|found| found.pool.msis95),
            bias: taken(&|found| found.pool.bias),
        },
        naive: taken(&|found| found.naive),
        seasonal: taken(&|found| found.seasonal),
        origins: all.iter().map(|found| found.origins).sum(),
        seconds: taken(&|found| Some(found.seconds)).unwrap_or(0.0),
    }
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn median(values: &[f64]) -> Option<f64> {
    leleka_risk::median(values)
}
