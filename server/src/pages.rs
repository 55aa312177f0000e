//! The Leptos half: pages, server functions, and what answers when no route matched.

use crate::{middleware::policy, problem::ApiProblem, state::AppState};
use app::{App, shell};
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use leptos::{nonce::use_nonce, prelude::*};
use leptos_axum::{LeptosRoutes, ResponseOptions, generate_route_list};

/// Every page of the app, and every server function below `/fn/`.
pub fn routes(state: &AppState) -> Router<AppState> {
    let options = state.leptos.clone();
    Router::new().leptos_routes_with_context(
        state,
        generate_route_list(App),
        request_context(state),
        move || shell(options.clone()),
    )
}

/// A file at the root of the site, else the app's page for an unknown address, else a problem.
pub async fn not_found(State(state): State<AppState>, request: Request) -> Response {
    let readable = matches!(*request.method(), Method::GET | Method::HEAD);
    let first = request.uri().path().split('/').nth(1);
    let for_programs = matches!(first, Some("api" | "fn" | "objects" | "pkg"));
    if !readable || for_programs || request.uri().path_and_query().is_none() {
        return ApiProblem::not_found("There is nothing at this address.").into_response();
    }
    let mut bare = Request::new(Body::empty());
    *bare.uri_mut() = request.uri().clone();
    *bare.method_mut() = request.method().clone();
    *bare.headers_mut() = request.headers().clone();
    if let Some(file) = state.site.root_file(bare).await {
        return file;
    }
    let options = state.leptos.clone();
    let render =
        leptos_axum::render_app_to_stream_with_context(request_context(&state), move || {
            shell(options.clone())
        });
    let mut response = render(request).await.into_response();
    if response.status() == StatusCode::OK {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    response
}

/// What pages and server functions find in their context.
fn request_context(state: &AppState) -> impl Fn() + Clone + Send + Sync + 'static {
    let state = state.clone();
    move || {
        provide_context(state.services.clone());
        provide_context(state.local_user.clone());
        if let (Some(nonce), Some(response)) = (use_nonce(), use_context::<ResponseOptions>()) {
            protect_page(&response, &nonce.to_string());
        }
    }
}

fn protect_page(response: &ResponseOptions, nonce: &str) {
    if let Ok(policy) = HeaderValue::from_str(&policy::of_page(nonce)) {
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
}
