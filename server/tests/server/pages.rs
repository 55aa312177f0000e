//! What browsers get: pages, files of the site, and the address nobody has.

use crate::support::{Answer, DataDir, STRESS, Server};
use reqwest::Method;
use serde_json::json;
use std::collections::HashSet;

#[tokio::test]
async fn every_page_is_written_by_the_server_and_runs_only_our_scripts() {
    let server = Server::start();
    let task = server
        .task(STRESS, json!({"force": 1000, "section": 10}))
        .await;
    let mut nonces = HashSet::new();
    for path in [
        "/",
        "/nowhere",
        "/examples",
        "/runs",
        "/reference",
        &format!("/tasks/{task}"),
    ] {
        let page = server.get(path).await;
        let status = if path == "/nowhere" { 404 } else { 200 };
        assert_eq!(page.status, status, "{path}: {}", page.text);
        assert!(
            page.header("content-type").starts_with("text/html"),
            "{path}"
        );
        assert!(page.text.contains("<main"), "{path}: {}", page.text);
        let policy = page.header("content-security-policy");
        let nonce = only_what_pages_need(policy);
        assert!(
            nonces.insert(nonce.to_owned()),
            "{path}: a nonce comes twice"
        );
        for script in page.text.split("<script").skip(1) {
            let tag = script.split('>').next().unwrap_or_default();
            let bears = tag.contains(&format!("nonce=\"{nonce}\""));
            assert!(bears || tag.contains("src=\"/"), "{path}: {tag}");
        }
        assert!(!page.text.contains("<style"), "{path}");
        assert!(!has_handlers(&page.text), "{path}");
    }
}

/// Checks a policy word by word and returns its nonce.
fn only_what_pages_need(policy: &str) -> &str {
    let directives: Vec<(&str, &str)> = policy
        .split(';')
        .map(|one| one.trim().split_once(' ').expect("a name and its sources"))
        .collect();
    let (_, scripts) = directives
        .iter()
        .find(|(name, _)| *name == "script-src")
        .expect("scripts are named");
    let nonce = scripts
        .split_whitespace()
        .find_map(|source| source.strip_prefix("'nonce-")?.strip_suffix('\''))
        .expect("a nonce");
    assert!(nonce.len() >= 22, "128 bits: {nonce}");
    for (name, sources) in directives {
        let wanted = match name {
            "script-src" => format!("'self' 'nonce-{nonce}' 'wasm-unsafe-eval'"),
            "style-src" => format!("'self' 'nonce-{nonce}'"),
            "style-src-attr" => "'unsafe-inline'".to_owned(),
            "img-src" => "'self' data: blob:".to_owned(),
            "font-src" | "connect-src" | "worker-src" | "form-action" => "'self'".to_owned(),
            "default-src" | "script-src-attr" | "object-src" | "base-uri" | "frame-ancestors" => {
                "'none'".to_owned()
            }
            other => panic!("nobody knows of {other}"),
        };
        assert_eq!(sources, wanted, "{name}");
    }
    nonce
}

/// Whether some tag has an attribute such as `onclick`.
fn has_handlers(html: &str) -> bool {
    html.split('<').any(|tag| {
        let tag = tag.split('>').next().unwrap_or_default();
        tag.split_whitespace()
            .any(|word| word.starts_with("on") && word.contains('='))
    })
}

#[tokio::test]
async fn pages_speak_the_language_that_is_asked_for() {
    let server = Server::start();
    let french = server
        .request(Method::GET, "/")
        .header("Accept-Language", "fr-FR,fr;q=0.9");
    assert!(Answer::of(french).await.text.contains("<html lang=\"fr\""));
    let chosen = server
        .request(Method::GET, "/")
        .header("Accept-Language", "fr")
        .header("Cookie", "mecapy_lang=en");
    assert!(Answer::of(chosen).await.text.contains("<html lang=\"en\""));
}

#[tokio::test]
async fn an_address_nobody_has_is_a_page_with_404() {
    let server = Server::start();
    for path in [
        "/nowhere",
        "/tasks",
        "/tasks/0197f000-0000-7000-8000-000000000000",
        "/tasks/nonsense",
    ] {
        let page = server.get(path).await;
        assert_eq!(page.status, 404, "{path}");
        assert!(
            page.header("content-type").starts_with("text/html"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn files_of_the_site_are_kept_for_good_and_sent_as_they_were_compressed() {
    let data = DataDir::new();
    let site = data.path().join("site");
    let pkg = site.join("pkg/0123abcd");
    std::fs::create_dir_all(&pkg).expect("writable");
    std::fs::write(site.join("pkg-dir"), "pkg/0123abcd\n").expect("writable");
    std::fs::write(site.join("robots.txt"), "User-agent: *\n").expect("writable");
    std::fs::write(pkg.join("mecapy.js"), "let x = 1;".repeat(100)).expect("writable");
    std::fs::write(pkg.join("mecapy.js.br"), "compressed before").expect("writable");
    std::fs::write(data.path().join("examples-made"), "").expect("writable");
    let folder = site.display().to_string();
    let server = Server::start_on(data, &[("MECAPY_SITE_DIR", &folder)]);

    let plain = server.get("/pkg/0123abcd/mecapy.js").await;
    assert_eq!(plain.status, 200);
    assert_eq!(
        plain.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    assert_eq!(plain.header("content-encoding"), "");
    assert_eq!(plain.text.len(), 1000);
    // It counts where the script becomes a worker.
    let policy = plain.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; script-src 'self';"));
    let asked = server
        .request(Method::GET, "/pkg/0123abcd/mecapy.js")
        .header("Accept-Encoding", "gzip, br");
    let compressed = Answer::of(asked).await;
    assert_eq!(compressed.header("content-encoding"), "br");
    assert_eq!(compressed.text, "compressed before");

    let robots = server.get("/robots.txt").await;
    assert_eq!(robots.status, 200);
    assert_eq!(robots.header("cache-control"), "public, max-age=3600");
    let page = server.get("/").await;
    assert!(
        page.text.contains("/pkg/0123abcd/mecapy.css"),
        "{}",
        page.text
    );
    for path in [
        "/pkg/0123abcd/none.js",
        "/pkg/",
        "/pkg/..%2fpkg-dir",
        "/pkg/0123abcd/..%2f..%2f..%2fserver.lock",
    ] {
        server.get(path).await.problem(404);
    }
}
