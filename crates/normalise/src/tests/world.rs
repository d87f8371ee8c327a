//! A small catalogue, and submissions written by hand.

use crate::{Chunk, Codebook, MappingProfile, Normaliser, NormaliserSettings, Outcome};
use chrono::NaiveDate;
use leleka_domain::{
    Agreement, Body, Catalogue, Cell, CellKind, CodeEntry, CodeList, Column, ColumnOrigin, Dataflow,
    Dimension, Finding, Frequency, Indicator, ObservationRow, Row, RowFormat, RowSink, SeriesKey,
};
use std::collections::BTreeMap;

pub(super) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn indicator(code: &str, measure: &str, unit: &str, decimals: u8, dimensions: &[&str]) -> Indicator {
    Indicator {
        code: code.into(),
        dataflow: if code.starts_with("BRD") {
            "BORDER"
        } else {
            "ASYLUM"
        }
        .into(),
        source_body: "DMS".into(),
        frequency: Frequency::Monthly,
        unit: unit.into(),
        measure: measure.into(),
        decimals,
        dimensions: dimensions.iter().map(|name| (*name).into()).collect(),
        direction: "neutral".into(),
        ciram: "threat".into(),
        name_uk: format!("Показник {code}"),
        name_en: format!("Indicator {code}"),
        definition_uk: String::new(),
        definition_en: String::new(),
        counterpart: String::new(),
        valid_from: None,
        valid_to: None,
    }
}

fn codes(list: &str, rows: &str) -> Vec<CodeEntry> {
    rows.lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            let mut parts = line.trim().split(';');
            let mut next = || parts.next().unwrap_or("").to_owned();
            let (code, parent, level, name_uk, name_en) = (next(), next(), next(), next(), next());
            let split = |text: String, mark| -> Vec<String> {
                text.split(mark)
                    .filter(|part: &&str| !part.is_empty())
                    .map(str::to_owned)
                    .collect()
            };
            let aliases = split(next(), '|');
            let other_codes: BTreeMap<_, _> = split(next(), ',')
                .into_iter()
                .map(|pair| {
                    let (scheme, code) = pair.split_once('=').unwrap();
                    (scheme.to_owned(), code.to_owned())
                })
                .collect();
            CodeEntry {
                list: list.into(),
                code,
                parent: Some(parent).filter(|parent| !parent.is_empty()),
                level: level.parse().unwrap_or(0),
                name_uk,
                name_en,
                aliases,
                other_codes,
                valid_from: None,
                valid_to: None,
            }
        })
        .collect()
}

const TERRITORIES: &str = "
UA;;0;Україна;Ukraine
UA05000000000010236;UA;1;Вінницька область;Vinnytska oblast;Вінницька|Вінницька обл.;iso_3166_2=UA-05,koatuu=0500000000
UA26000000000069363;UA;1;Івано-Франківська область;Ivano-Frankivska oblast;Івано-Франківська;iso_3166_2=UA-26,koatuu=2600000000
UA44000000000018893;UA;1;Луганська область;Luhanska oblast;Луганська;iso_3166_2=UA-09,koatuu=4400000000
UA46000000000026241;UA;1;Львівська область;Lvivska oblast;Львівська;iso_3166_2=UA-46,koatuu=4600000000
UA80000000000093317;UA;1;Київ;Kyiv (city);м.Київ|місто Київ|Kyiv;iso_3166_2=UA-30,koatuu=8000000000
UA32000000000030281;UA;1;Київська область;Kyivska oblast;Київська|Kyiv|Київ;iso_3166_2=UA-32,koatuu=3200000000
UA12100000000039307;UA12000000000090473;2;Самарівський район;Samarivskyi raion;Новомосковський район
UA12000000000090473;UA;1;Дніпропетровська область;Dnipropetrovska oblast;Дніпропетровська
UA05020000000026686;UA05000000000010236;2;Вінницький район;Vinnytskyi raion
UA21020010000055068;UA21020000000022222;3;Батівська громада;Bativska hromada
UA21020000000022222;UA21000000000011690;2;Берегівський район;Berehivskyi raion
UA21000000000011690;UA;1;Закарпатська область;Zakarpatska oblast;Закарпатська
UA_U;UA;1;Невідома територія;Unknown territory;Residence location unknown (in Ukraine)
";

const COUNTRIES: &str = "
_T;;0;Усього;Total;Всього|Разом
_U;;0;Громадянство невідоме;Unknown citizenship;не встановлено
STLS;;0;Особа без громадянства;Stateless;ОБГ|без громадянства
SY;;0;Сирія;Syria;Сирійська Арабська Республіка|громадяни Сирії;alpha3=SYR
RU;;0;Російська Федерація;Russian Federation;РФ|російської федерації;alpha3=RUS
VN;;0;В’єтнам;Viet Nam;Соціалістична Республіка В’єтнам;alpha3=VNM
KR;;0;Республіка Корея;Republic of Korea;Корея;alpha3=KOR
KP;;0;КНДР;DPR Korea;Корея;alpha3=PRK
GR;;0;Греція;Greece;;alpha3=GRC,eurostat=EL
GB;;0;Велика Британія;United Kingdom;;alpha3=GBR,eurostat=UK
AT;;0;Австрія;Austria;;alpha3=AUT,unhcr=AUS
AU;;0;Австралія;Australia;;alpha3=AUS,unhcr=AUL
TR;;0;Туреччина;Türkiye;Турецька Республіка;alpha3=TUR
";

pub(super) fn catalogue() -> Catalogue {
    let mut entries = codes("territory", TERRITORIES);
    entries.extend(codes("citizenship", COUNTRIES));
    entries.extend(codes(
        "sex",
        "_T;;0;Усього;Total;;eurostat=T\nM;;0;Чоловіки;Males;чол.\nF;;0;Жінки;Females;жін.",
    ));
    entries.extend(codes(
        "age",
        "_T;;0;Усі вікові групи;All ages;Total;eurostat=TOTAL\nY_LT18;;0;До 18 років;Under 18;діти",
    ));
    entries.extend(codes(
        "border",
        "PL;;0;Польща;Poland\nRO;;0;Румунія;Romania\n_T;;0;Усього;Total",
    ));
    let list = |code: &str, open| CodeList {
        code: code.into(),
        name_uk: code.into(),
        name_en: code.into(),
        source: String::new(),
        open,
    };
    let dimension = |code: &str, list: &str| Dimension {
        code: code.into(),
        list: list.into(),
        name_uk: code.into(),
        name_en: code.into(),
    };
    let agreement = |indicator: &str, letters: &[&str]| Agreement {
        body: "DMS".into(),
        indicator: indicator.into(),
        frequencies: letters.iter().map(|letter| (*letter).into()).collect(),
        state: "agreed".into(),
        valid_from: Some(day("2020-01-01")),
        valid_to: None,
        note: None,
    };
    let full = ["territory", "citizenship", "sex", "age", "route"];
    Catalogue {
        version: "test".into(),
        bodies: vec![Body {
            code: "DMS".into(),
            kind: "central_executive_body".into(),
            territory: None,
            name_uk: "ДМС".into(),
            name_en: "SMS".into(),
            note: None,
            valid_from: None,
            valid_to: None,
        }],
        dataflows: ["ASYLUM", "BORDER"]
            .map(|code| Dataflow {
                code: code.into(),
                owner_body: "DMS".into(),
                name_uk: code.into(),
                name_en: code.into(),
                description_uk: String::new(),
                description_en: String::new(),
                partial_allowed: true,
            })
            .into(),
        indicators: vec![
            indicator("ASY_APPL", "flow", "persons", 0, &full),
            indicator("ASY_STOCK", "stock", "persons", 0, &["territory"]),
            indicator("ASY_RATE", "rate", "percent", 2, &[]),
            indicator("ASY_NET", "balance", "persons", 0, &["territory"]),
            indicator("BRD_REFUSED", "flow", "persons", 0, &["border_section", "route"]),
        ],
        agreements: vec![
            agreement("ASY_APPL", &["M", "W", "_O", "A"]),
            agreement("ASY_STOCK", &["M", "D"]),
            agreement("ASY_RATE", &["M", "A"]),
            agreement("ASY_NET", &["M"]),
            agreement("BRD_REFUSED", &["M", "A"]),
        ],
        dimensions: vec![
            dimension("territory", "territory"),
            dimension("citizenship", "citizenship"),
            dimension("sex", "sex"),
            dimension("age", "age"),
            dimension("route", "route"),
            dimension("border_section", "border"),
        ],
        code_lists: vec![
            list("territory", false),
            list("citizenship", false),
            list("sex", false),
            list("age", true),
            list("border", false),
            list("route", true),
        ],
        codes: entries,
    }
}

pub(super) fn codebook() -> Codebook {
    Codebook::new(&catalogue())
}

pub(super) fn settings(codebook: &Codebook, format: RowFormat) -> NormaliserSettings<'_> {
    NormaliserSettings {
        codebook,
        body: "DMS",
        dataflow: Some("ASYLUM"),
        territory_scope: None,
        today: day("2026-11-22"),
        format,
        profile: None,
        lenient: false,
        chunk_rows: 1000,
        findings_kept: 1000,
    }
}

/// What came of a submission, with all its chunks put together.
pub(super) struct Told {
    pub(super) outcome: Outcome,
    pub(super) findings: Vec<Finding>,
    pub(super) rows: Vec<ObservationRow>,
    pub(super) series: Vec<SeriesKey>,
    pub(super) chunks: Vec<usize>,
}

impl Told {
    /// `code@row:column` of every finding.
    pub(super) fn codes(&self) -> Vec<String> {
        let place = |finding: &Finding| {
            let row = finding.row.map_or(String::new(), |row| format!("@{row}"));
            let column = finding
                .column
                .as_ref()
                .map_or(String::new(), |column| format!(":{}", column.name));
            format!("{}{row}{column}", finding.code)
        };
        self.findings.iter().map(place).collect()
    }

    pub(super) fn pointers(&self) -> Vec<String> {
        let of = |finding: &Finding| {
            let pointer = finding.pointer.as_deref().unwrap_or("-");
            format!("{} {pointer}", finding.code)
        };
        self.findings.iter().map(of).collect()
    }
}

/// Feeds a submission and gathers everything that comes out.
pub(super) fn tell(
    settings: NormaliserSettings<'_>,
    dataflow: Option<&str>,
    feed: impl FnOnce(&mut dyn RowSink),
) -> Told {
    let mut chunks: Vec<Chunk> = Vec::new();
    let mut normaliser = Normaliser::new(settings, |chunk| chunks.push(chunk));
    feed(&mut normaliser);
    let outcome = normaliser.finish(dataflow);
    let delivered = chunks.iter().map(|chunk| chunk.rows.len()).collect();
    chunks.push(outcome.rest.clone());
    let rows: Vec<_> = chunks.iter().flat_map(|chunk| chunk.rows.clone()).collect();
    let series = chunks.into_iter().flat_map(|chunk| chunk.new_series);
    assert_eq!(outcome.observations, rows.len() as u64);
    Told {
        findings: outcome.findings.clone().into_sorted(),
        series: series
            .map(|(id, key)| {
                assert_eq!(id, key.id());
                key
            })
            .collect(),
        rows,
        chunks: delivered,
        outcome,
    }
}

/// Feeds a delimited file; `separator` parts its cells.
pub(super) fn feed_csv(sink: &mut dyn RowSink, file: &str, separator: char) {
    let mut lines = file.lines().zip(1_u64..);
    let (header, line) = lines.next().unwrap();
    for (index, name) in header.split(separator).enumerate() {
        let origin = ColumnOrigin::Header { line };
        sink.column(Column { index, name, origin });
    }
    for ((text, line), number) in lines.zip(1..) {
        let cells: Vec<Cell<'_>> = text
            .split(separator)
            .map(|cell| Cell {
                text: cell.into(),
                kind: CellKind::Text,
            })
            .collect();
        sink.row(Row {
            number,
            line,
            cells: &cells,
        });
    }
}

/// Feeds JSON objects as a reader would: members as columns, in the order in which they are first seen.
pub(super) fn feed_json(sink: &mut dyn RowSink, rows: &[&str]) {
    let mut columns: Vec<(String, ColumnOrigin)> = Vec::new();
    for (text, number) in rows.iter().zip(1..) {
        let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(text).unwrap();
        let mut members = Vec::new();
        for (name, value) in object {
            if name == "dimensions"
                && let Some(nested) = value.as_object()
            {
                let nested = nested.clone().into_iter();
                members.extend(nested.map(|(name, value)| (name, ColumnOrigin::Dimension, value)));
            } else {
                members.push((name, ColumnOrigin::Member, value));
            }
        }
        let mut cells = vec![Cell::ABSENT; columns.len()];
        for (name, origin, value) in members {
            let known = columns
                .iter()
                .position(|column| *column == (name.clone(), origin));
            let index = known.unwrap_or_else(|| {
                let index = columns.len();
                sink.column(Column {
                    index,
                    name: &name,
                    origin,
                });
                columns.push((name, origin));
                cells.push(Cell::ABSENT);
                index
            });
            let (text, kind) = match value {
                serde_json::Value::Null => (String::new(), CellKind::Null),
                serde_json::Value::String(text) => (text, CellKind::Text),
                serde_json::Value::Number(number) => (number.to_string(), CellKind::Number),
                other @ (serde_json::Value::Bool(_)
                | serde_json::Value::Array(_)
                | serde_json::Value::Object(_)) => (other.to_string(), CellKind::Other),
            };
            cells[index] = Cell {
                text: text.into(),
                kind,
            };
        }
        sink.row(Row {
            number,
            line: number,
            cells: &cells,
        });
    }
}

pub(super) fn csv(file: &str) -> Told {
    let codebook = codebook();
    tell(settings(&codebook, RowFormat::Csv), None, |sink| {
        feed_csv(sink, file, ',')
    })
}

pub(super) fn json(rows: &[&str]) -> Told {
    let codebook = codebook();
    tell(settings(&codebook, RowFormat::Json), None, |sink| {
        feed_json(sink, rows)
    })
}

pub(super) fn profiled(profile: &str, separator: char, file: &str) -> Told {
    let codebook = codebook();
    let profile: MappingProfile = serde_json::from_str(profile).unwrap();
    assert_eq!(profile.check(&codebook), Vec::<Finding>::new());
    let settings = NormaliserSettings {
        dataflow: Some(&profile.dataflow),
        profile: Some(&profile),
        ..settings(&codebook, RowFormat::Csv)
    };
    tell(settings, None, |sink| feed_csv(sink, file, separator))
}
