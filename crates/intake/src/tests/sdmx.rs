//! Files of statistics programs: SDMX-CSV 1.0 and 2.x, as .Stat, FMR and pysdmx write them.

use super::{Recording, read_with};
use crate::{ReaderKind, ReaderLimits, ReaderOutcome, SdmxLayout, SdmxStructureKind, SdmxVersion};
use leleka_domain::Severity;

fn read(sent: &str) -> (Recording, ReaderOutcome) {
    let layout = SdmxLayout {
        dimensions: vec!["applicant_type".to_owned()],
    };
    let bytes = sent.as_bytes();
    let whole = read_with(
        ReaderKind::SdmxCsv(layout.clone()),
        ReaderLimits::default(),
        &[bytes],
    );
    let ones: Vec<&[u8]> = bytes.chunks(1).collect();
    let in_pieces = read_with(ReaderKind::SdmxCsv(layout), ReaderLimits::default(), &ones);
    assert_eq!(whole, in_pieces);
    whole
}

const KEY: &str = "FREQ,INDICATOR,REF_AREA,CITIZENSHIP,SEX,AGE,TIME_PERIOD,OBS_VALUE";

#[test]
fn a_file_of_1_0_becomes_our_columns_at_their_places() {
    let sent = format!(
        "DATAFLOW,{KEY},OBS_STATUS,CONF_STATUS\nLELEKA:ASY(1.0.0),W,ASY_APPL,UA46,AF,_T,_T,2015-W30,14,A,F\n"
    );
    let (recording, outcome) = read(&sent);
    assert_eq!(
        recording.columns(),
        [
            "indicator",
            "territory",
            "citizenship",
            "sex",
            "age",
            "period",
            "value",
            "obs_status",
            "conf_status"
        ]
    );
    assert_eq!(
        recording.records(),
        ["1:2 -|-|ASY_APPL|UA46|AF|_T|_T|2015-W30|14|A|F"]
    );
    assert!(recording.findings().is_empty());
    let dataset = outcome.dataset.unwrap();
    assert_eq!((dataset.version, dataset.with_actions), (SdmxVersion::V1, false));
    assert_eq!(dataset.structure.kind, SdmxStructureKind::Dataflow);
    assert_eq!(dataset.structure.agency, "LELEKA");
    assert_eq!(dataset.structure.id, "ASY");
    assert_eq!(dataset.structure.version.as_deref(), Some("1.0.0"));
}

#[test]
fn a_file_of_2_0_gives_each_row_its_action_as_one_letter() {
    let sent = "\u{feff}STRUCTURE[|];STRUCTURE_ID;ACTION;INDICATOR;APPLICANT_TYPE;TIME_PERIOD;OBS_VALUE\r\n\
                dataprovision;LELEKA:PA_ASY_DMS(~);I;ASY_APPL;FRST;2015-W30;1\r\n\
                dataprovision;LELEKA:PA_ASY_DMS(~);A;ASY_APPL;FRST;2015-W31;2\r\n\
                dataprovision;LELEKA:PA_ASY_DMS(~);M;ASY_APPL;FRST;2015-W32;3\r\n\
                dataprovision;LELEKA:PA_ASY_DMS(~);R;ASY_APPL;FRST;2015-W33;4\r\n\
                dataprovision;LELEKA:PA_ASY_DMS(~);D;ASY_APPL;FRST;2015-W34;\r\n\
                dataprovision;LELEKA:PA_ASY_DMS(~);X;ASY_APPL;FRST;2015-W35;6\r\n";
    let (recording, outcome) = read(sent);
    assert_eq!(
        recording.columns(),
        [
            "action",
            "indicator",
            "applicant_type",
            "period",
            "value",
            "obs_status"
        ]
    );
    let letters: Vec<String> = recording
        .records()
        .iter()
        .map(|row| row.split('|').nth(2).unwrap().to_owned())
        .collect();
    assert_eq!(letters, ["M", "M", "M", "R", "D", ""]);
    assert_eq!(recording.told(), ["sdmx.action_unknown 6:7 -"]);
    assert_eq!(recording.findings()[0].column.as_ref().unwrap().index, 3);
    let dataset = outcome.dataset.unwrap();
    assert!(dataset.with_actions && dataset.structure.version.is_none());
    assert_eq!(dataset.structure.kind, SdmxStructureKind::DataProvision);
}

#[test]
fn labels_are_cut_at_the_first_colon() {
    let sent = "DATAFLOW: Dataflow,INDICATOR: Indicator,CITIZENSHIP: Citizenship,TIME_PERIOD: Time,OBS_VALUE: Value\n\
                LELEKA:ASY(1.0.0): Asylum,ASY_APPL: Applications,\"AF: Afghanistan: all, of it\",2015-W30,14\n";
    let (recording, _) = read(sent);
    assert_eq!(recording.records(), ["1:2 -|ASY_APPL|AF|2015-W30|14"]);
    assert!(recording.findings().is_empty());
}

#[test]
fn unknown_columns_are_told_and_never_handed_on() {
    let (told, _) = read(
        "STRUCTURE,STRUCTURE_ID,INDICATOR,TIME_PERIOD,OBS_VALUE,PHONE,UNIT_MEASURE\n\
         dataflow,LELEKA:ASY(1.0.0),ASY_APPL,2015-W30,14,0441234567,PS\n",
    );
    assert_eq!(told.columns(), ["indicator", "period", "value", "obs_status"]);
    assert_eq!(
        told.told(),
        ["sdmx.column_unknown -:1 -", "sdmx.column_unused -:1 -"]
    );
    assert_eq!(told.findings()[0].severity, Severity::Warning);
    assert_eq!(told.findings()[1].value.as_deref(), Some("UNIT_MEASURE"));
    assert_eq!(told.records(), ["1:2 -|-|ASY_APPL|2015-W30|14|-|-"]);
    let (old, _) = read("DATAFLOW,INDICATOR,TIME_PERIOD,OBS_VALUE,PHONE\nL:A,ASY_APPL,2015-W30,14,1\n");
    assert_eq!(
        old.findings()[0].severity,
        Severity::Error,
        "1.0 knows no columns of one's own"
    );
}

#[test]
fn intentionally_missing_differs_from_empty() {
    let head = "DATAFLOW,INDICATOR,TIME_PERIOD,OBS_VALUE,OBS_STATUS,CONF_STATUS\n";
    let (recording, _) = read(&format!(
        "{head}L:A,I,2015-W30,NaN,M,#N/A\nL:A,I,2015-W31,NaN,,F\nL:A,I,2015-W32,,Q,\n"
    ));
    assert_eq!(
        recording.records(),
        [
            "1:2 -|I|2015-W30|-|M|-",
            "2:3 -|I|2015-W31|-|O|F",
            "3:4 -|I|2015-W32||Q|"
        ]
    );
    let (alone, _) = read("DATAFLOW,INDICATOR,TIME_PERIOD,OBS_VALUE\nL:A,I,2015-W30,NaN\n");
    assert_eq!(alone.records(), ["1:2 -|I|2015-W30|-|O"]);
}

#[test]
fn a_row_that_says_nothing_beside_its_dimensions_is_an_error_unless_it_deletes() {
    let head = "STRUCTURE,STRUCTURE_ID,ACTION,INDICATOR,TIME_PERIOD,OBS_VALUE,OBS_STATUS\n";
    let row = |action: &str| format!("dataflow,L:A,{action},I,2015-W30,,\n");
    let (recording, outcome) = read(&format!("{head}{}{}{}", row("M"), row("R"), row("D")));
    assert_eq!(recording.told(), ["sdmx.row_empty 1:2 -", "sdmx.row_empty 2:3 -"]);
    assert_eq!(recording.records().len(), 1);
    assert_eq!(outcome.rows, 3);
}

#[test]
fn one_file_names_one_structure() {
    let head = "STRUCTURE,STRUCTURE_ID,INDICATOR,TIME_PERIOD,OBS_VALUE\n";
    let (recording, _) = read(&format!(
        "{head}dataflow,LELEKA:ASY(1.0.0),I,2015-W30,1\ndataflow,LELEKA:BOR(1.0.0),I,2015-W31,1\n\
         flow,LELEKA:ASY(1.0.0),I,2015-W32,1\ndataflow,ASY,I,2015-W33,1\n"
    ));
    assert_eq!(
        recording.told(),
        [
            "sdmx.structure_mixed 2:3 -",
            "sdmx.structure_invalid 3:4 -",
            "sdmx.structure_invalid 4:5 -"
        ]
    );
    assert_eq!(
        recording.findings()[0].expected.as_deref(),
        Some("LELEKA:ASY(1.0.0)")
    );
}

#[test]
fn a_header_of_neither_version_gives_no_rows() {
    let (recording, outcome) = read("INDICATOR,TIME_PERIOD,OBS_VALUE\nI,2015-W30,1\n");
    assert_eq!(recording.told(), ["sdmx.header_unknown -:1 -"]);
    assert!(recording.records().is_empty() && outcome.dataset.is_none());
    assert_eq!(outcome.rows, 1);
    assert_eq!(read("").0.told(), ["csv.header_missing -:1 -"]);
}

#[test]
fn frequency_multiplier_and_switched_off_dimensions_are_checked() {
    let head = "DATAFLOW,FREQ,INDICATOR,REF_AREA,TIME_PERIOD,OBS_VALUE,UNIT_MULT\n";
    let (recording, _) = read(&format!(
        "{head}L:A,W,I,UA,2015-W30,1,0\nL:A,M,I,UA,2015-M07,1,\nL:A,A,I,UA,2015-A1,1,\n\
         L:A,W,I,UA,2015-07,1,\nL:A,W,I,UA,2015-W31,1,3\nL:A,W,I,~,2015-W32,1,\nL:A,W,I,~,2015-W32,,0\n"
    ));
    let told: Vec<String> = recording.told().into_iter().skip(1).collect();
    assert_eq!(
        told,
        [
            "sdmx.frequency_mismatch 4:5 -",
            "sdmx.multiplier 5:6 -",
            "sdmx.dimension_off 6:7 -",
            "sdmx.dimension_off 7:8 -"
        ]
    );
    assert_eq!(recording.findings()[4].severity, Severity::Warning);
    let periods: Vec<String> = recording
        .records()
        .iter()
        .map(|row| row.split('|').nth(4).unwrap().to_owned())
        .collect();
    assert_eq!(periods, ["2015-W30", "2015-07", "2015", "2015-07", "2015-W31"]);
}
