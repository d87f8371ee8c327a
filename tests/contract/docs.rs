//! The page of the contract: served by the program itself, nothing from elsewhere, under a strict policy.

use super::app;
use crate::operations::repository_file;
use leleka_testkit::Response;
use std::collections::BTreeSet;

/// Values of `src="…"` and `href="…"`.
fn links(page: &str) -> BTreeSet<String> {
    ["src=\"", "href=\""]
        .iter()
        .flat_map(|attribute| page.split(attribute).skip(1))
        .filter_map(|rest| rest.split('"').next())
        .map(str::to_owned)
        .collect()
}

/// Hosts named with a scheme.
fn hosts(text: &str) -> BTreeSet<String> {
    text.split("http")
        .skip(1)
        .filter_map(|rest| rest.strip_prefix("://").or_else(|| rest.strip_prefix("s://")))
        .map(|rest| {
            rest.split(['/', '"', '\'', ' ', '<'])
                .next()
                .unwrap_or("")
                .to_owned()
        })
        .collect()
}

#[test]
fn the_page_and_everything_it_needs_come_from_this_server() {
    let app = app();
    let page = app.anonymous("GET", "/docs/").expect(200);
    assert!(page.header("content-type").unwrap().starts_with("text/html"));
    let links = links(&page.text());
    assert!(links.len() >= 4, "{links:?}");
    for link in &links {
        assert!(
            !link.contains("//"),
            "the page needs something from elsewhere: {link}"
        );
        let path = format!("/docs/{}", link.trim_start_matches("./"));
        let asset = app.anonymous("GET", &path);
        assert_eq!(asset.status, 200, "{path}");
        assert!(!asset.body.is_empty(), "{path} is empty");
    }
    let initialiser = app
        .anonymous("GET", "/docs/swagger-initializer.js")
        .expect(200)
        .text();
    assert!(
        initialiser.contains("/v1/openapi.json"),
        "the page does not show this contract: {initialiser}"
    );
    for text in [page.text(), initialiser] {
        assert_eq!(hosts(&text), BTreeSet::new());
    }
}

#[test]
fn the_policy_of_the_page_lets_it_run_and_reach_only_this_server() {
    let app = app();
    let page = app.anonymous("GET", "/docs/").expect(200);
    let policy = page.header("content-security-policy").unwrap();
    for directive in [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ] {
        assert!(policy.contains(directive), "{directive} is not in {policy}");
    }
    assert!(
        !policy.contains("unsafe") && !policy.contains('*') && !policy.contains("http"),
        "{policy}"
    );
    // A policy without 'unsafe-inline' stops a page with inline scripts: there must be none.
    for script in page.text().split("<script").skip(1) {
        let (tag, rest) = script.split_once('>').unwrap();
        let inline = rest.split("</script").next().unwrap().trim();
        assert!(
            tag.contains("src=") && inline.is_empty(),
            "an inline script: {inline}"
        );
    }
    assert!(
        !page.text().contains("<style"),
        "an inline style would be stopped by the policy"
    );
}

#[test]
fn what_the_page_does_not_have_is_a_problem_like_elsewhere() {
    let app = app();
    for (method, path, status, code) in [
        ("GET", "/docs/nowhere.js", 404, "resource.not_found"),
        ("GET", "/docs/../v1/nowhere", 404, "resource.not_found"),
        ("GET", "/docs/%2e%2e/%2e%2e/etc/passwd", 404, "resource.not_found"),
        ("POST", "/docs/", 405, "method.not_allowed"),
        ("DELETE", "/docs/index.html", 405, "method.not_allowed"),
    ] {
        let answer = Response::send(&app.base_url, method, path, &[], None);
        assert_eq!(answer.status, status, "{method} {path}");
        assert_eq!(
            answer.header("content-type"),
            Some("application/problem+json"),
            "{method} {path}"
        );
        assert_eq!(answer.json()["code"], code, "{method} {path}");
        assert_eq!(
            answer.header("allow"),
            (status == 405).then_some("GET"),
            "{method} {path}"
        );
    }
}

#[test]
fn the_contract_itself_names_no_host_but_examples() {
    let named = hosts(&repository_file("openapi/leleka-v1.json"));
    let foreign: Vec<&String> = named
        .iter()
        .filter(|host| !host.ends_with("example.org") && !host.ends_with("example"))
        .collect();
    assert_eq!(foreign, Vec::<&String>::new());
}
