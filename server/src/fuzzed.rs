//! Random input for what reads requests: bodies, cookies and other headers.
//!
//! The parsers of the libraries are fuzzed by coverage (`fuzz/`). These belong to a program, which the
//! fuzzer cannot link, so inputs are made from good ones by mutation, from a seed that a failure names.
//! `FUZZ_SECONDS` says how long each runs; `FUZZ_SEED` repeats one.

mod mutation;

use crate::{
    extract, language,
    middleware::{client, guard, redirects},
    multipart::{self, BodyWithFiles},
    problem::ApiProblem,
};
use axum::{
    body::Body,
    extract::{FromRequest, Request},
    http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, Uri, header},
    response::IntoResponse,
};
use mutation::Inputs;
use serde::Deserialize;
use serde_json::value::RawValue;

/// The fields of the routes that take files.
#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only reading it is tried")]
struct Fields {
    code: Option<String>,
    name: Option<String>,
    inputs: Option<Box<RawValue>>,
    limits: Option<domain::limits::Limits>,
    version: Option<u32>,
}

/// What is refused is refused in words, and never as a defect of ours.
fn in_words(problem: ApiProblem) {
    let status = problem.into_response().status();
    assert!(status.is_client_error(), "{status}");
}

#[tokio::test]
async fn multipart_bodies() {
    let part = |name: &str, more: &str, body: &str| {
        format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"{more}\r\n\r\n{body}\r\n")
    };
    let fields = part("inputs", "", "{\"a\": 1}") + &part("code", "", "def calculate(): pass");
    let file = part(
        "data",
        "; filename=\"a.txt\"\r\nContent-Type: text/plain",
        "1 2 3",
    );
    let seeds = [
        format!("{fields}{file}--x--\r\n"),
        format!("{file}{file}--x--\r\n"),
        part("version", "", "3") + &part("limits", "", "{\"wall_s\": 3}") + "--x--\r\n",
    ];
    let words = [
        "--x",
        "--",
        "\r\n\r\n",
        "filename=",
        "name=",
        "filename*=UTF-8''",
        "\"",
        ";",
    ];
    let mut inputs = Inputs::new(seeds, &words);
    while let Some(body) = inputs.next() {
        let request = Request::builder()
            .method(Method::POST)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x")
            .body(Body::from(body.to_vec()))
            .expect("a request");
        match BodyWithFiles::<Fields>::from_request(request, &()).await {
            Ok(read) => {
                let bytes: usize = read.files.iter().map(|file| file.bytes.len()).sum();
                assert!(bytes <= body.len());
            }
            Err(problem) => in_words(problem),
        }
    }
}

#[tokio::test]
async fn kinds_of_bodies() {
    let seeds = [
        "multipart/form-data; boundary=x",
        "multipart/form-data; boundary=\"a b\"",
    ];
    let mut inputs = Inputs::new(seeds, &["boundary=", ";", "\"", "=", "multipart/form-data"]);
    while let Some(kind) = inputs.next() {
        let Ok(kind) = HeaderValue::from_bytes(kind) else {
            continue;
        };
        let mut request = Request::new(Body::from("--x\r\n\r\n--x--"));
        request.headers_mut().insert(header::CONTENT_TYPE, kind);
        let _ = multipart::is_multipart(request.headers());
        if let Err(problem) = BodyWithFiles::<Fields>::from_request(request, &()).await {
            in_words(problem);
        }
    }
}

#[test]
fn json_bodies() {
    let seeds = [
        r#"{"code": "x", "inputs": {"a": [1, 2.5, null]}, "limits": {"wall_s": 3}}"#,
        r#" {"version": 3, "name": "\u00e9"} "#,
    ];
    let mut inputs = Inputs::new(seeds, &["{", "[", "\\u", "1e999", "\"limits\"", ":", ","]);
    while let Some(body) = inputs.next() {
        if let Err(problem) = extract::parse::<Fields>(body) {
            in_words(problem);
        }
    }
}

#[test]
fn cookies_and_languages() {
    let seeds = [
        "mecapy_lang=fr; mecapy_theme=dark",
        "fr-CH,fr;q=0.9,en;q=0.8,*;q=0.1",
    ];
    let mut inputs = Inputs::new(seeds, &["mecapy_lang=", ";q=", "fr", "en", ",", ";", "="]);
    while let Some(text) = inputs.next() {
        let Ok(value) = HeaderValue::from_bytes(text) else {
            continue;
        };
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, value.clone());
        headers.append(header::COOKIE, value.clone());
        headers.insert(header::ACCEPT_LANGUAGE, value);
        let _ = language::of(&headers);
    }
}

#[test]
fn tokens_in_headers() {
    let seeds = [
        "Bearer mcp_000000000000000000000000000000001LLihk",
        "bearer  x",
    ];
    let mut inputs = Inputs::new(seeds, &["Bearer ", "mcp_", "Basic "]);
    while let Some(text) = inputs.next() {
        let Ok(value) = HeaderValue::from_bytes(text) else {
            continue;
        };
        let headers = HeaderMap::from_iter([(header::AUTHORIZATION, value)]);
        if let Some(token) = extract::bearer(&headers) {
            assert!(!token.starts_with(char::is_whitespace));
        }
    }
}

#[test]
fn addresses_and_hosts() {
    const FORWARDED: HeaderName = HeaderName::from_static("x-forwarded-for");
    let seeds = [
        "203.0.113.9, [2001:db8::1]:80",
        "mecapy.example.eu:443",
        "https://a.example/x?y",
    ];
    let mut inputs = Inputs::new(seeds, &[",", "[", "]", "::", ":", "//", "\\", "localhost"]);
    while let Some(text) = inputs.next() {
        let Ok(value) = HeaderValue::from_bytes(text) else {
            continue;
        };
        let headers = HeaderMap::from_iter([(FORWARDED, value.clone()), (header::HOST, value)]);
        for proxies in 0..3 {
            let address = client::address(&Extensions::new(), &headers, proxies);
            let _ = client::customer(address);
        }
        let _ = guard::host_of(&Uri::from_static("/"), &headers);
        if let Ok(path) = std::str::from_utf8(text)
            && redirects::is_own_path(path)
        {
            let base = reqwest::Url::parse("http://own.example/").expect("a URL");
            let led = base.join(path).expect("a path");
            assert_eq!(led.host_str(), Some("own.example"), "{path}");
        }
    }
}
