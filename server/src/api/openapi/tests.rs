//! The document is complete, and no change of it goes unseen.

use super::*;
use std::{collections::BTreeSet, env, fs, path::Path};

const ROUTER: &str = include_str!("../../router.rs");
/// Set to anything, it writes `docs/openapi.json` anew.
const UPDATE: &str = "UPDATE_OPENAPI";

/// Methods and paths of the routes under `/api`, as `router.rs` has them.
fn routes() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for route in ROUTER.split(".route(").skip(1) {
        let (_, rest) = route.split_once('"').expect("a path");
        let (path, rest) = rest.split_once('"').expect("the end of the path");
        let end = rest.find(".route(").unwrap_or(rest.len());
        let handlers = until_closed(&rest[..end]);
        for method in complete::METHODS {
            let named = [format!(" {method}("), format!(".{method}(")];
            if path.starts_with("/api/") && named.iter().any(|call| handlers.contains(call)) {
                found.insert(format!("{method} {path}"));
            }
        }
    }
    found
}

/// The text up to the parenthesis that closes one which was opened before it.
fn until_closed(text: &str) -> &str {
    let mut open = 1;
    for (at, c) in text.char_indices() {
        match c {
            '(' => open += 1,
            ')' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return &text[..at];
        }
    }
    text
}

#[test]
fn every_route_is_in_the_document_and_nothing_else() {
    let mut documented = BTreeSet::new();
    for (path, item) in WRITTEN.document["paths"].as_object().expect("paths") {
        for method in item.as_object().expect("methods").keys() {
            documented.insert(format!("{method} {path}"));
        }
    }
    let routes = routes();
    assert!(routes.len() > 25, "the router is read: {routes:?}");
    let missing: Vec<_> = routes.difference(&documented).collect();
    assert!(
        missing.is_empty(),
        "put #[utoipa::path] above the handlers of these routes, and name them in api/openapi/mod.rs: {missing:?}"
    );
    let unknown: Vec<_> = documented.difference(&routes).collect();
    assert!(
        unknown.is_empty(),
        "router.rs has no such routes: {unknown:?}"
    );
}

#[test]
fn the_document_is_the_one_that_was_checked_in() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/openapi.json");
    if env::var_os(UPDATE).is_some() {
        fs::write(&path, &WRITTEN.json).expect("docs is writable");
    }
    let stored = fs::read_to_string(&path).unwrap_or_default();
    let differs = stored
        .lines()
        .zip(WRITTEN.json.lines())
        .position(|(a, b)| a != b);
    assert!(
        stored == WRITTEN.json,
        "the REST face has changed (docs/openapi.json, line {}). If that is meant, type: {UPDATE}=1 cargo test -p server openapi",
        differs.map_or(0, |line| line + 1)
    );
}

#[test]
fn every_reference_leads_somewhere_and_every_problem_is_one() {
    fn look(document: &Value, value: &Value) {
        if let Some(target) = value["$ref"].as_str() {
            let found = document.pointer(target.trim_start_matches('#'));
            assert!(found.is_some(), "{target}");
        }
        match value {
            Value::Array(items) => items.iter().for_each(|item| look(document, item)),
            Value::Object(entries) => entries.values().for_each(|item| look(document, item)),
            _ => {}
        }
    }
    let document = &WRITTEN.document;
    assert_eq!(document["openapi"], "3.1.0");
    look(document, document);
    let types = &document["components"]["schemas"]["Problem"]["properties"]["type"]["enum"];
    let types = types.as_array().expect("a list");
    assert_eq!(types.len(), ProblemCode::ALL.len() + 1);
    assert!(
        types.contains(&"urn:mecapy:problem:not_completed".into()),
        "{types:?}"
    );
}

#[test]
fn the_page_shows_every_operation_and_asks_nobody_else() {
    let page = page::write(&WRITTEN.document, "/pkg/x", "http://127.0.0.1:7979");
    for route in routes() {
        let (_, path) = route.split_once(' ').expect("a method and a path");
        assert!(page.contains(&format!("<code>{path}</code>")), "{route}");
    }
    for outside in ["src=\"http", "href=\"http", "//cdn", "<script"] {
        assert!(!page.contains(outside), "{outside}");
    }
    for (at, _) in page.match_indices("href=\"#") {
        let name = page[at + 7..]
            .split('"')
            .next()
            .expect("the end of the name");
        assert!(
            page.contains(&format!(" id=\"{name}\"")),
            "{name} leads nowhere"
        );
    }
}
