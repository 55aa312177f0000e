//! The built browser files: where they are, and how they are served.
//!
//! Everything under `/pkg/` has a hash of its content in its path, so it never changes and is kept
//! by browsers for good. Compressed copies (`.br`, `.gz`) lie beside the files.

use crate::problem::ApiProblem;
use axum::{
    body::Body,
    http::{HeaderValue, Request, header},
    response::{IntoResponse, Response},
};
use leptos::config::LeptosOptions;
use std::{
    fs, io,
    path::{Path, PathBuf},
};
use tower::ServiceExt;
use tower_http::services::ServeDir;

/// File in the site folder that holds the path of the hashed folder.
const PKG_DIR_FILE: &str = "pkg-dir";
/// Name of the script, the WASM and the style sheet.
const OUTPUT_NAME: &str = "mecapy";
/// Where the hashed folder lies when there is no site yet.
const NO_SITE: &str = "pkg/none";
const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const AN_HOUR: HeaderValue = HeaderValue::from_static("public, max-age=3600");

/// The site folder and its hashed folder.
#[derive(Debug)]
pub struct Site {
    root: PathBuf,
    /// For example `pkg/3f2a…`.
    pkg_dir: String,
}

impl Site {
    /// Reads which hashed folder is the current one. A missing site is not an error: pages then
    /// work without their scripts, and REST works as ever.
    #[must_use]
    pub fn open(root: &Path) -> Self {
        let pkg_dir = match fs::read_to_string(root.join(PKG_DIR_FILE)) {
            Ok(text) if is_relative(text.trim()) => text.trim().trim_matches('/').to_owned(),
            Ok(_) => NO_SITE.to_owned(),
            Err(error) => {
                if error.kind() != io::ErrorKind::NotFound {
                    tracing::warn!(%error, "the site folder cannot be read");
                }
                NO_SITE.to_owned()
            }
        };
        Self {
            root: root.to_owned(),
            pkg_dir,
        }
    }

    /// Whether the browser files are there.
    #[must_use]
    pub fn is_built(&self) -> bool {
        self.pkg_dir != NO_SITE && self.root.join(&self.pkg_dir).is_dir()
    }

    /// Address of the hashed folder, such as `/pkg/3f2a…`.
    #[must_use]
    pub fn pkg_url(&self) -> String {
        format!("/{}", self.pkg_dir)
    }

    /// A file of the hashed folder, by its name there.
    #[must_use]
    pub fn read(&self, name: &str) -> Option<Vec<u8>> {
        if !is_relative(name) {
            return None;
        }
        fs::read(self.root.join(&self.pkg_dir).join(name)).ok()
    }

    /// What leptos writes into its pages.
    #[must_use]
    pub fn leptos_options(&self, addr: std::net::SocketAddr) -> LeptosOptions {
        LeptosOptions::builder()
            .output_name(OUTPUT_NAME)
            .site_root(self.root.to_string_lossy().into_owned())
            .site_pkg_dir(self.pkg_dir.clone())
            .site_addr(addr)
            .build()
    }

    /// A file below `/pkg/`.
    pub async fn hashed_file(&self, request: Request<Body>) -> Response {
        match self.file(request).await {
            Some(mut response) => {
                response
                    .headers_mut()
                    .insert(header::CACHE_CONTROL, IMMUTABLE);
                response
            }
            None => ApiProblem::not_found("There is no such file.").into_response(),
        }
    }

    /// A file at the root of the site, such as the favicon.
    pub async fn root_file(&self, request: Request<Body>) -> Option<Response> {
        let mut response = self.file(request).await?;
        response
            .headers_mut()
            .insert(header::CACHE_CONTROL, AN_HOUR);
        Some(response)
    }

    async fn file(&self, request: Request<Body>) -> Option<Response> {
        let files = ServeDir::new(&self.root)
            .append_index_html_on_directories(false)
            .precompressed_br()
            .precompressed_gzip();
        let response = files.oneshot(request).await.ok()?;
        let found = response.status().is_success()
            || response.status() == http::StatusCode::NOT_MODIFIED
            || response.status() == http::StatusCode::PARTIAL_CONTENT;
        found.then(|| response.into_response())
    }
}

fn is_relative(path: &str) -> bool {
    !path.is_empty() && !path.starts_with('/') && !path.split('/').any(|part| part == "..")
}
