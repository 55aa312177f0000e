//! What browsers get: pages, files of the site, and the address nobody has.

use crate::support::{Answer, DataDir, STRESS, Server};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn every_page_is_written_by_the_server_and_runs_only_our_scripts() {
    let server = Server::start();
    let task = server
        .task(STRESS, json!({"force": 1000, "section": 10}))
        .await;
    for path in [
        "/",
        "/examples",
        "/runs",
        "/reference",
        &format!("/tasks/{task}"),
    ] {
        let page = server.get(path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text);
        assert!(
            page.header("content-type").starts_with("text/html"),
            "{path}"
        );
        assert!(page.text.contains("<main"), "{path}: {}", page.text);
        let policy = page.header("content-security-policy");
        assert!(policy.contains("script-src 'self' 'nonce-"), "{policy}");
        assert!(policy.contains("default-src 'none'"), "{policy}");
        for script in page.text.split("<script").skip(1) {
            let tag = script.split('>').next().unwrap_or_default();
            assert!(
                tag.contains("nonce=") || tag.contains("src=\"/"),
                "{path}: {tag}"
            );
        }
    }
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
