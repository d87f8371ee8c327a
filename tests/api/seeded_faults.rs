//! A good file of ten thousand rows with five hundred faults sown into it: every one is told in one pass, at its
//! row, line and column, and nothing else is told.
//!
//! Prints a table of kinds; `cargo test -p leleka-tests seeded -- --nocapture` shows it.

use leleka_access::Role;
use leleka_testkit::{AppOptions, TestApp, TestCaller};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

const ROWS: usize = 10_000;
const FAULTS: usize = 500;
const COLUMNS: [&str; 12] = [
    "indicator",
    "period",
    "territory",
    "citizenship",
    "sex",
    "age",
    "applicant_type",
    "decision",
    "value",
    "obs_status",
    "obs_flags",
    "conf_status",
];

/// A kind of fault: what it is called, which column it spoils, with what, and what is to be told where.
#[derive(Clone, Copy)]
struct Kind {
    name: &'static str,
    column: &'static str,
    text: &'static str,
    code: &'static str,
    /// The column that is told, when it is not the one that was spoiled.
    told: Option<&'static str>,
}

const fn kind(name: &'static str, column: &'static str, text: &'static str, code: &'static str) -> Kind {
    Kind {
        name,
        column,
        text,
        code,
        told: None,
    }
}

/// Spoils no cell: the row gets more cells than the header.
const WIDTH: &str = "wider row";
/// Spoils no cell: the row says again what the next one says.
const REPEATED: &str = "repeated key";
const LONG: &str = "long text";

const KINDS: [Kind; 29] = [
    kind(
        "indicator nobody knows",
        "indicator",
        "ASY_APPLX",
        "indicator.unknown",
    ),
    kind("no indicator", "indicator", "", "field.missing"),
    kind(
        "indicator of another dataflow",
        "indicator",
        "IRR_DETECTED",
        "indicator.other_dataflow",
    ),
    Kind {
        told: Some("indicator"),
        ..kind(
            "frequency not agreed",
            "period",
            "2024-03",
            "indicator.not_agreed",
        )
    },
    kind("period in another writing", "period", "05.2024", "period.syntax"),
    kind(
        "week 53 of a short year",
        "period",
        "2019-W53",
        "period.not_in_calendar",
    ),
    kind(
        "period of another century",
        "period",
        "1815-W10",
        "period.out_of_range",
    ),
    kind("no period", "period", "", "field.missing"),
    kind("period to come", "period", "2031-W02", "period.not_ended"),
    kind("territory nobody knows", "territory", "UA99", "code.unknown"),
    kind(
        "territory of another office",
        "territory",
        "UA46000000000026241",
        "territory.outside_scope",
    ),
    kind("country nobody knows", "citizenship", "XX", "code.unknown"),
    kind("country by its name", "citizenship", "Сирія", "code.unknown"),
    kind("sex in words", "sex", "male", "code.unknown"),
    kind("age in another writing", "age", "18-34", "code.unknown"),
    kind("code of another list", "applicant_type", "Y18T34", "code.unknown"),
    kind(
        "dimension of another indicator",
        "decision",
        "GENCONV",
        "dimension.not_allowed",
    ),
    kind("no value", "value", "", "value.missing"),
    kind("value in words", "value", "багато", "value.not_number"),
    kind("value with a unit", "value", "12 осіб", "value.not_number"),
    kind("half a person", "value", "1.5", "value.not_integer"),
    kind("fewer than none", "value", "-3", "value.negative"),
    kind(
        "more digits than are kept",
        "value",
        "1234567890123456789",
        "value.too_precise",
    ),
    Kind {
        told: Some("value"),
        ..kind("number beside missing", "obs_status", "O", "value.unexpected")
    },
    kind("status nobody knows", "obs_status", "9", "status.unknown"),
    kind(
        "confidentiality nobody knows",
        "conf_status",
        "Z",
        "status.unknown",
    ),
    kind(
        "control character",
        "citizenship",
        "S\u{1}Y",
        "text.control_character",
    ),
    kind(LONG, "sex", "", "text.too_long"),
    kind(WIDTH, "", "", "csv.row_width"),
];

/// A small generator with a seed: the same file on every machine.
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % most as u64).unwrap()
    }
}

type Cells = BTreeMap<&'static str, String>;

fn good_row(number: usize) -> Cells {
    const CITIZENSHIPS: [&str; 20] = [
        "SY", "AF", "IQ", "RU", "BY", "GE", "AZ", "AM", "KZ", "UZ", "TJ", "KG", "TM", "TR", "IR", "PK", "BD",
        "IN", "CN", "VN",
    ];
    const AGES: [&str; 5] = ["Y_LT14", "Y14T17", "Y18T34", "Y35T64", "Y_GE65"];
    let mut cells: Cells = COLUMNS.iter().map(|column| (*column, String::new())).collect();
    cells.insert("indicator", "ASY_APPL".into());
    cells.insert("period", format!("2024-W{:02}", number % 50 + 1));
    cells.insert("territory", "UA05000000000010236".into());
    cells.insert("citizenship", CITIZENSHIPS[number / 50 % 20].into());
    cells.insert("sex", ["F", "M"][number / 1000 % 2].into());
    cells.insert("age", AGES[number / 2000].into());
    cells.insert("value", (number % 97).to_string());
    cells
}

/// A finding as it must be told: row, line, column name, code.
type Told = (u64, u64, String, String);

struct Sown {
    file: String,
    expected: BTreeSet<Told>,
    kinds: BTreeMap<&'static str, usize>,
}

fn sown(seed: u64) -> Sown {
    let mut chance = Seeded(seed);
    let mut rows: Vec<Cells> = (0..ROWS).map(good_row).collect();
    let (mut expected, mut kinds) = (BTreeSet::new(), BTreeMap::new());
    let mut wide = BTreeSet::new();
    let mut taken = BTreeSet::new();
    let mut tell = |row: usize, column: &str, code: &str| {
        let number = row as u64 + 1;
        expected.insert((number, number + 1, column.to_owned(), code.to_owned()))
    };
    while taken.len() < FAULTS {
        let row = chance.below(ROWS - 1);
        // Neighbours stay whole, so that a repeated key has exactly one other row.
        if [row.wrapping_sub(1), row, row + 1]
            .iter()
            .any(|near| taken.contains(near))
        {
            continue;
        }
        taken.insert(row);
        let choice = chance.below(KINDS.len() + 1);
        let Some(kind) = KINDS.get(choice) else {
            rows[row] = Cells::from_iter(rows[row + 1].clone());
            tell(row, "", "row.duplicate_key");
            tell(row + 1, "", "row.duplicate_key");
            *kinds.entry(REPEATED).or_insert(0) += 1;
            continue;
        };
        *kinds.entry(kind.name).or_insert(0) += 1;
        match kind.name {
            WIDTH => {
                wide.insert(row);
                tell(row, "", kind.code);
            }
            LONG => {
                rows[row].insert(kind.column, "F".repeat(5_000));
                tell(row, kind.column, kind.code);
            }
            _ => {
                rows[row].insert(kind.column, kind.text.into());
                tell(row, kind.told.unwrap_or(kind.column), kind.code);
            }
        }
    }
    let mut file = COLUMNS.join(",") + "\n";
    for (number, cells) in rows.iter().enumerate() {
        let line: Vec<&str> = COLUMNS.iter().map(|column| cells[column].as_str()).collect();
        let tail = if wide.contains(&number) { ",зайве" } else { "" };
        let _ = writeln!(file, "{}{tail}", line.join(","));
    }
    Sown {
        file,
        expected,
        kinds,
    }
}

/// Delivers the file and reads every finding of its report.
fn report(office: &TestCaller, file: &str) -> BTreeSet<Told> {
    let answer = office.submit("?dataflow=ASYLUM_WEEKLY", "text/csv", file).json();
    let id = answer["submission_id"]
        .as_str()
        .or(answer["id"].as_str())
        .unwrap()
        .to_owned();
    let path = format!("/v1/submissions/{id}");
    let mut record = office.get(&path).expect(200).json();
    while ["received", "validating"].contains(&record["state"].as_str().unwrap()) {
        std::thread::yield_now();
        record = office.get(&path).expect(200).json();
    }
    assert_eq!(record["state"], "rejected");
    let mut told = BTreeSet::new();
    let mut next = Some(format!("{path}/findings?limit=200"));
    while let Some(page) = next {
        let page = office.get(&page).expect(200).json();
        for finding in page["items"].as_array().unwrap() {
            let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
            let fresh = told.insert((
                finding["row"].as_u64().unwrap(),
                finding["line"].as_u64().unwrap(),
                text(&finding["column"]["name"]),
                text(&finding["code"]),
            ));
            assert!(fresh, "told twice: {finding}");
        }
        next = page["next"].as_str().map(str::to_owned);
    }
    assert_eq!(record["counts"]["errors"].as_u64(), Some(told.len() as u64));
    told
}

#[test]
fn every_seeded_fault_is_told_in_one_pass_at_its_place_and_none_is_invented() {
    let app = TestApp::with(AppOptions {
        now: Some("2026-11-22T08:00:00Z".parse().unwrap()),
        rows: Some(ROWS as u64),
        ..AppOptions::default()
    });
    let office = app.caller("DMS_TO_05", Role::TerritorialOffice);
    for seed in [2026, 11, 22] {
        let sown = sown(seed);
        let told = report(&office, &sown.file);
        let missed: Vec<_> = sown.expected.difference(&told).take(5).collect();
        let invented: Vec<_> = told.difference(&sown.expected).take(5).collect();
        assert!(
            missed.is_empty() && invented.is_empty(),
            "missed {missed:?}\ninvented {invented:?}"
        );
        println!(
            "seed {seed}: {ROWS} rows, {FAULTS} faults of {} kinds",
            sown.kinds.len()
        );
        println!("{:<34} {:>6} {:>6} {:>9}", "kind", "sown", "told", "invented");
        for (kind, count) in &sown.kinds {
            println!("{kind:<34} {count:>6} {count:>6} {:>9}", 0);
        }
    }
    assert_eq!(
        app.database.sql("select count(*) from observation").as_deref(),
        Some("0")
    );
}
