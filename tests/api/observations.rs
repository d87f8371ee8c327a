//! Reading figures: filters, ranges, pages, formats, vintages.

use crate::api::deliveries::{KYIV, LVIV, LVIV_RAION, applicants, csv_lines, figures, figures_in, weekly};
use leleka_testkit::{Response, TestApp, TestCaller};
use serde_json::{Value, json};
use std::sync::OnceLock;

/// A centre with a few figures that nobody changes.
struct Archive {
    _app: TestApp,
    analyst: TestCaller,
}

fn archive() -> &'static Archive {
    static ARCHIVE: OnceLock<Archive> = OnceLock::new();
    ARCHIVE.get_or_init(|| {
        let app = TestApp::start();
        let (dms, sbgs, analyst) = (app.submitter("DMS"), app.submitter("SBGS"), app.analyst());
        let row = |period: &str, territory: &str, citizenship: &str, sex: &str, age: &str, value: u64| {
            json!({"indicator": "ASY_APPL", "period": period, "territory": territory, "citizenship": citizenship,
                   "sex": sex, "age": age, "value": value})
        };
        let asylum = weekly(&[
            row("2024-W01", LVIV, "SY", "F", "_T", 1),
            row("2024-W01", LVIV_RAION, "SY", "M", "_T", 2),
            row("2024-W01", KYIV, "AF", "_T", "Y_LT18", 3),
            row("2024-W02", KYIV, "AF", "_T", "Y_LT18", 4),
            row("2024-W03", KYIV, "AF", "_T", "Y_LT18", 5),
            row("2023", "UA", "_T", "_T", "_T", 600),
            json!({"indicator": "ASY_APPL", "period": "2024-W01", "dimensions": {"applicant_type": "FRST"}, "value": 7}),
        ]);
        let border = json!({"dataflow": "BORDER_WEEKLY", "observations": [
            {"indicator": "BRD_REFUSED", "period": "2024-W01", "citizenship": "SY", "value": 8}]});
        let _asylum = dms.submit_json(&asylum).expect(201);
        let _border = sbgs.submit_json(&border).expect(201);
        Archive { _app: app, analyst }
    })
}

/// The values that a query gives, in ascending order.
fn values(query: &str) -> Vec<u64> {
    let page = archive()
        .analyst
        .get(&format!("/v1/observations?{query}"))
        .expect(200)
        .json();
    let items = page["items"].as_array().unwrap().iter();
    let mut values: Vec<u64> = items
        .flat_map(|item| item["observations"].as_array().unwrap())
        .map(|observation| observation["value"].as_u64().unwrap())
        .collect();
    values.sort_unstable();
    values
}

#[test]
fn every_filter_narrows_and_repeated_ones_widen() {
    for (query, expected) in [
        ("", &[1, 2, 3, 4, 5, 7, 8, 600][..]),
        ("indicator=ASY_APPL", &[1, 2, 3, 4, 5, 7, 600]),
        (
            "indicator=ASY_APPL&indicator=BRD_REFUSED",
            &[1, 2, 3, 4, 5, 7, 8, 600],
        ),
        ("indicator=NOPE", &[]),
        ("body=SBGS", &[8]),
        ("citizenship=SY", &[1, 2, 8]),
        ("citizenship=SY&indicator=ASY_APPL", &[1, 2]),
        ("citizenship=SY&citizenship=AF", &[1, 2, 3, 4, 5, 8]),
        ("sex=F", &[1]),
        ("sex=F&sex=M", &[1, 2]),
        ("age=Y_LT18", &[3, 4, 5]),
        ("frequency=A", &[600]),
        ("frequency=W&citizenship=AF", &[3, 4, 5]),
        ("dimension=applicant_type%3DFRST", &[7]),
        ("dimension=applicant_type%3DSUBSEQ", &[]),
        ("queryId=1&userId=2&sex=F", &[1]),
    ] {
        assert_eq!(values(query), expected, "{query}");
    }
}

#[test]
fn a_territory_stands_for_itself_or_with_everything_below_it() {
    for (query, expected) in [
        (format!("territory={LVIV}"), &[1][..]),
        (format!("territory={LVIV}&descendants=true"), &[1, 2]),
        (format!("territory={LVIV}&descendants=false"), &[1]),
        (format!("territory={LVIV_RAION}&descendants=true"), &[2]),
        (format!("territory={LVIV}&territory={KYIV}"), &[1, 3, 4, 5]),
        ("territory=UA&indicator=ASY_APPL".to_owned(), &[7, 600]),
        (
            "territory=UA&descendants=true&indicator=ASY_APPL".to_owned(),
            &[1, 2, 3, 4, 5, 7, 600],
        ),
        ("territory=UA99&descendants=true".to_owned(), &[]),
    ] {
        assert_eq!(values(&query), expected, "{query}");
    }
}

#[test]
fn a_range_of_periods_includes_both_ends() {
    for (query, expected) in [
        ("citizenship=AF&from=2024-W02", &[4, 5][..]),
        ("citizenship=AF&to=2024-W02", &[3, 4]),
        ("citizenship=AF&from=2024-W02&to=2024-W02", &[4]),
        ("citizenship=AF&from=2024-W03&to=2024-W01", &[]),
        ("frequency=A&from=2023&to=2023", &[600]),
        ("citizenship=AF&from=2024&to=2024", &[3, 4, 5]),
        ("citizenship=AF&from=2024-01-02&to=2024-01-15", &[4, 5]),
    ] {
        assert_eq!(values(query), expected, "{query}");
    }
}

#[test]
fn csv_says_the_same_as_json() {
    let query = "/v1/observations?indicator=ASY_APPL&lineage=true";
    let json = archive().analyst.get(query).expect(200).json();
    let by_accept = archive()
        .analyst
        .request("GET", query, &[("accept", "text/csv")], None)
        .expect(200);
    let by_parameter = archive().analyst.get(&format!("{query}&format=csv")).expect(200);
    assert_eq!(by_accept.body, by_parameter.body);
    assert_eq!(by_accept.header("content-type"), Some("text/csv; charset=utf-8"));
    let mut expected = Vec::new();
    for item in json["items"].as_array().unwrap() {
        let series = &item["series"];
        let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
        for it in item["observations"].as_array().unwrap() {
            let mut cells: Vec<String> = ["indicator", "frequency"].map(|name| text(&series[name])).into();
            cells.push(text(&it["period"]));
            cells.extend(["body", "territory", "citizenship", "sex", "age"].map(|name| text(&series[name])));
            cells.push(text(&series["dimensions"]["applicant_type"]));
            cells.extend([
                it["value"].to_string(),
                text(&it["obs_status"]),
                String::new(),
                "F".to_owned(),
            ]);
            cells.extend([
                text(&series["unit"]),
                text(&it["submission_id"]),
                it["row"].to_string(),
            ]);
            expected.push(cells.join(","));
        }
    }
    let lines: Vec<String> = csv_lines(&by_accept)
        .iter()
        .map(|line| line.rsplit_once(',').unwrap().0.to_owned())
        .collect();
    assert_eq!(lines, expected);
    assert_eq!(
        by_accept.text().lines().next(),
        Some(
            "indicator,frequency,period,body,territory,citizenship,sex,age,applicant_type,value,obs_status,obs_flags,\
             conf_status,unit,submission_id,row,recorded_at"
        )
    );
}

/// Follows `next` to the last page.
fn pages(caller: &TestCaller, first: &str, between: &mut dyn FnMut(usize)) -> Vec<Response> {
    let (mut pages, mut path) = (Vec::new(), Some(first.to_owned()));
    while let Some(here) = path {
        let page = caller.get(&here).expect(200);
        path = match page.header("content-type") {
            Some(media_type) if media_type.starts_with("text/csv") => page.header("link").map(|link| {
                let (target, relation) = link.split_once(">; ").unwrap();
                assert_eq!(relation, "rel=\"next\"");
                target.trim_start_matches('<').to_owned()
            }),
            _ => page.json()["next"].as_str().map(str::to_owned),
        };
        pages.push(page);
        assert!(pages.len() < 1000, "pages without end");
        between(pages.len());
    }
    pages
}

#[test]
fn small_pages_lose_and_repeat_nothing() {
    let analyst = &archive().analyst;
    let whole = figures(analyst, "limit=1000");
    assert_eq!(whole.len(), 8);
    for limit in [1, 2, 3, 7, 8, 9] {
        let first = format!("/v1/observations?limit={limit}");
        let read = pages(analyst, &first, &mut |_| {});
        let told: Vec<String> = read.iter().flat_map(|page| figures_in(&page.json())).collect();
        assert_eq!(told, whole, "limit {limit}");
        let rows = pages(analyst, &format!("{first}&format=csv"), &mut |_| {});
        assert_eq!(rows.iter().map(|page| csv_lines(page).len()).sum::<usize>(), 8);
    }
}

#[test]
fn pages_keep_the_vintage_of_the_first_while_a_delivery_arrives_in_between() {
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    let figure = |week: u32, value: u64| applicants(&format!("2024-W{week:02}"), "SY", value);
    let before: Vec<Value> = (1..=9).map(|week| figure(week, 10)).collect();
    let _first = dms.submit_json(&weekly(&before)).expect(201);
    for history in ["", "&includeHistory=true"] {
        let first = format!("/v1/observations?indicator=ASY_APPL&limit=2{history}");
        let whole = figures(&dms, &format!("indicator=ASY_APPL{history}"));
        let read = pages(&dms, &first, &mut |page| {
            // Every figure changes, and new series and periods come, before and after the place of the cursor.
            let mut rows: Vec<Value> = (1..=12)
                .map(|week| figure(week, 100 + page as u64 + if history.is_empty() { 0 } else { 50 }))
                .collect();
            rows.push(applicants("2024-W01", "AF", 1000 + page as u64));
            rows.push(applicants("2024-W01", "TR", 1000 + page as u64));
            let _next = dms.submit_json(&weekly(&rows)).expect(201);
        });
        let told: Vec<String> = read.iter().flat_map(|page| figures_in(&page.json())).collect();
        assert_eq!(told, whole, "{history}");
    }
}

#[test]
fn pages_over_more_series_than_one_page_takes_lose_nothing() {
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    let countries = app
        .database
        .sql("select string_agg(code, ',') from (select code from code where list = 'citizenship' and length(code) = 2 and code not like '\\_%' order by code limit 220) c")
        .unwrap();
    let mut sent = String::from("indicator,period,citizenship,sex,age,value\n");
    let mut rows = 0;
    for (country, sex, age) in countries.split(',').flat_map(|country| {
        ["_T", "M", "F"].into_iter().flat_map(move |sex| {
            [
                "_T", "Y0T4", "Y5T11", "Y12T17", "Y14T17", "Y15T64", "Y18T34", "Y18T59", "Y35T64",
            ]
            .into_iter()
            .map(move |age| (country, sex, age))
        })
    }) {
        for week in 1..=3 {
            rows += 1;
            sent.push_str(&format!(
                "ASY_APPL,2024-W{week:02},{country},{sex},{age},{rows}\n"
            ));
        }
    }
    let _stored = dms
        .deliver("?dataflow=ASYLUM_WEEKLY", "text/csv", &sent)
        .expect(201);
    for limit in [4_000, 7_001, 50_000] {
        let first = format!("/v1/observations?format=csv&limit={limit}");
        let read = pages(&dms, &first, &mut |_| {});
        let mut told: Vec<u64> = read
            .iter()
            .flat_map(csv_lines)
            .map(|line| line.split(',').nth(9).unwrap().parse().unwrap())
            .collect();
        told.sort_unstable();
        assert_eq!(told.len(), rows, "limit {limit}");
        assert!(told.iter().copied().eq(1..=rows as u64), "limit {limit}");
    }
}

#[test]
fn an_unchanged_answer_is_not_sent_again_and_a_new_delivery_changes_its_tag() {
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    let path = "/v1/observations?indicator=ASY_APPL";
    let deliver = |value: u64| {
        let _stored = dms
            .submit_json(&weekly(&[applicants("2024-W45", "SY", value)]))
            .expect(201);
    };
    deliver(1);
    let first = dms.get(path).expect(200);
    let tag = first.header("etag").unwrap().to_owned();
    assert!(tag.starts_with('"'), "{tag}");
    let ask = |tag: &str| dms.request("GET", path, &[("if-none-match", tag)], None);
    for known in [
        tag.as_str(),
        &format!("\"other\", {tag}"),
        &format!("W/{tag}"),
        "*",
    ] {
        let unchanged = ask(known).expect(304);
        assert!(unchanged.body.is_empty());
        assert_eq!(unchanged.header("etag"), Some(tag.as_str()));
    }
    assert_eq!(ask("\"other\"").expect(200).json(), first.json());
    // Another format, another query and another reader have tags of their own.
    let csv = dms
        .request("GET", path, &[("accept", "text/csv")], None)
        .expect(200);
    assert_ne!(csv.header("etag"), Some(tag.as_str()));
    assert_ne!(
        app.analyst().get(path).expect(200).header("etag"),
        Some(tag.as_str())
    );
    deliver(2);
    let changed = ask(&tag).expect(200);
    assert_ne!(changed.header("etag"), Some(tag.as_str()));
    assert_eq!(changed.json()["items"][0]["observations"][0]["value"], 2);
    let rejected = dms.submit_json(&weekly(&[applicants("2019-W53", "SY", 1)]));
    let _rejected = rejected.expect(422);
    assert_eq!(ask(changed.header("etag").unwrap()).status, 304);
}

#[test]
fn a_cursor_belongs_to_its_query_and_cannot_be_made_up() {
    let analyst = &archive().analyst;
    let page = analyst.get("/v1/observations?limit=2").expect(200).json();
    let next = page["next"].as_str().unwrap();
    let cursor = next.split("cursor=").nth(1).unwrap();
    let _good = analyst.get(next).expect(200);
    let middle = cursor.len() / 2;
    let replaced = if &cursor[middle..=middle] == "A" { "B" } else { "A" };
    let tampered = format!("{}{replaced}{}", &cursor[..middle], &cursor[middle + 1..]);
    for path in [
        format!("/v1/observations?limit=2&cursor={tampered}"),
        format!("/v1/observations?limit=2&cursor={}", &cursor[..cursor.len() - 4]),
        "/v1/observations?limit=2&cursor=".to_owned(),
        "/v1/observations?limit=2&cursor=AAAA".to_owned(),
        "/v1/observations?limit=2&cursor=%D1%8F".to_owned(),
        format!("/v1/observations?limit=2&sex=F&cursor={cursor}"),
        format!("/v1/observations?limit=2&asOf=2024-01-01T00:00:00Z&cursor={cursor}"),
        format!("/v1/series?limit=2&cursor={cursor}"),
        format!("/v1/submissions?limit=2&cursor={cursor}"),
    ] {
        let answer = analyst.get(&path).expect(400);
        assert_eq!(answer.json()["code"], "cursor.invalid", "{path}");
    }
}

#[test]
fn the_moment_before_the_first_delivery_knows_nothing() {
    let analyst = &archive().analyst;
    assert_eq!(values("asOf=2020-01-01T00:00:00Z"), Vec::<u64>::new());
    assert_eq!(figures(analyst, "updatedAfter=2020-01-01T00:00:00Z").len(), 8);
    let page = analyst.get("/v1/observations?sex=F").expect(200).json();
    let newest = page["data_as_of"].as_str().unwrap().to_owned();
    assert_eq!(values(&format!("asOf={newest}")).len(), 8);
}

#[test]
fn a_read_of_this_very_moment_does_not_wait_for_metrics_that_are_being_recorded() {
    // The lock that a recomputation holds while it records its values, for as long as this test may take.
    const RECORDING: &str = "select pg_advisory_lock_shared(7310114410101004), pg_sleep(3)";
    const HELD: &str =
        "select count(*) from pg_locks where locktype = 'advisory' and mode = 'ShareLock' and granted";
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    let delivered = dms.submit_json(&weekly(&[applicants("2024-W45", "SY", 12)]));
    assert_eq!(delivered.expect(201).json()["state"], "accepted");
    std::thread::scope(|scope| {
        let recording = scope.spawn(|| app.database.execute(RECORDING));
        while app.database.sql(HELD).as_deref() != Some("1") {
            std::thread::yield_now();
        }
        let now = app
            .clock
            .now()
            .to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
        let read = dms
            .get(&format!("/v1/observations?indicator=ASY_APPL&asOf={now}"))
            .expect(200);
        assert_eq!(figures_in(&read.json()).len(), 1);
        assert_eq!(
            app.database.sql(HELD).as_deref(),
            Some("1"),
            "it waited to the end"
        );
        recording.join().unwrap().unwrap();
    });
}
