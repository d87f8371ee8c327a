//! The registry of problem and finding codes and its page for people, `docs/codes.md`.

use crate::operations::repository_file;
use leleka_domain::{Code, ProblemClass};
use std::fmt::Write as _;
use std::path::Path;

fn status(class: ProblemClass) -> &'static str {
    match class {
        ProblemClass::BadRequest => "400",
        ProblemClass::Unauthenticated => "401",
        ProblemClass::Forbidden => "403",
        ProblemClass::NotFound => "404",
        ProblemClass::MethodNotAllowed => "405",
        ProblemClass::NotAcceptable => "406",
        ProblemClass::RequestTimeout => "408",
        ProblemClass::Conflict => "409",
        ProblemClass::PreconditionFailed => "412",
        ProblemClass::PreconditionRequired => "428",
        ProblemClass::TooLarge => "413",
        ProblemClass::UnsupportedMedia => "415",
        ProblemClass::Unprocessable => "422",
        ProblemClass::TooManyRequests => "429",
        ProblemClass::Internal => "500",
        ProblemClass::Unavailable => "503",
        ProblemClass::Finding => "finding",
    }
}

/// The page as it must be: one row for each code of the registry, in its order.
fn page() -> String {
    let mut page = String::from(
        "# Codes\n\n\
         Every problem and every finding has a stable code. It is never removed and never given another meaning, \
         so a program\nmay rely on it; the texts are for people and may become clearer.\n\n\
         `{field}`, `{value}` and `{expected}` stand for the place, what was found there, and what would be right.\n\n\
         ## Problems\n\n\
         The `code` of an answer with this status; its `type` is `urn:leleka:problem:<code>`.\n\n\
         | code | status | українською | in English |\n|---|---|---|---|\n",
    );
    let row = |page: &mut String, code: &Code, middle: &str| {
        let (uk, en) = (
            code.text_uk().replace('|', "\\|"),
            code.text_en().replace('|', "\\|"),
        );
        writeln!(page, "| `{code}` | {middle}{uk} | {en} |").unwrap();
    };
    let (findings, problems): (Vec<&Code>, Vec<&Code>) = Code::ALL
        .iter()
        .partition(|code| code.class() == ProblemClass::Finding);
    for code in problems {
        row(&mut page, code, &format!("{} | ", status(code.class())));
    }
    page.push_str(
        "\n## Findings\n\n\
         The `code` of one finding in the report of a submission or a validation.\n\n\
         | code | українською | in English |\n|---|---|---|\n",
    );
    for code in findings {
        row(&mut page, code, "");
    }
    page
}

#[test]
fn the_page_of_codes_lists_every_code_with_both_texts() {
    let expected = page();
    let made = Path::new(env!("CARGO_TARGET_TMPDIR")).join("codes.md");
    std::fs::write(&made, &expected).unwrap();
    let committed = repository_file("docs/codes.md");
    let mut lines = committed.lines().chain(std::iter::repeat(""));
    for line in expected.lines() {
        let there = lines.next().unwrap();
        assert_eq!(
            there,
            line,
            "docs/codes.md is not the registry; the page as it must be is {}",
            made.display()
        );
    }
    assert_eq!(
        committed,
        expected,
        "docs/codes.md has more; the page as it must be is {}",
        made.display()
    );
}

#[test]
fn every_code_fits_the_pattern_and_the_length_that_the_contract_promises() {
    let document = leleka_testkit::Contract::shared().document();
    for place in ["Problem", "Finding", "ParameterFault"] {
        let schema = &document["components"]["schemas"][place]["properties"]["code"];
        let most = usize::try_from(schema["maxLength"].as_u64().unwrap()).unwrap();
        assert_eq!(schema["pattern"], "^[a-z_]+\\.[a-z_]+$", "{place}");
        for code in Code::ALL {
            assert!(code.as_str().len() <= most, "{place}: {code}");
        }
    }
}
