//! Every route on one page, grouped by who calls it.

use crate::{
    api::{
        account, charts, events, execute, openapi, results, runs, shares, tasks, tokens, webhooks,
    },
    export, health, metrics,
    middleware::{answers, body_limit, cors, draining, guard, rate, record, redirects},
    objects, pages,
    problem::ApiProblem,
    shared,
    state::AppState,
};
use axum::{
    Router,
    body::Body,
    extract::{DefaultBodyLimit, Request, State},
    http::StatusCode,
    middleware::{from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{delete, get, post},
};
use domain::limits;
use std::{any::Any, time::Duration};
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{CompressionLayer, CompressionLevel},
    csrf::CsrfLayer,
    timeout::TimeoutLayer,
};

/// A request that is not a stream is answered within this; longer than the longest `?wait`.
const ANSWER_WITHIN: Duration = Duration::from_secs(limits::MAX_WAIT_S as u64 + 30);
/// Beyond this, compressing costs more time than the bytes it saves (Brotli and gzip level).
const COMPRESSION: CompressionLevel = CompressionLevel::Precise(4);

/// All that a server answers that only dispatches: its operators and its workers.
pub fn dispatcher_router(state: AppState) -> Router {
    protected(operators().merge(workers()), state)
}

/// All that a server answers.
pub fn router(state: AppState) -> Router {
    let answered = Router::new()
        .merge(programs())
        .merge(holders_of_a_link())
        .merge(operators())
        .merge(pages::routes(&state).layer(from_fn_with_state(
            state.clone(),
            redirects::of_server_functions,
        )))
        .fallback(pages::not_found)
        .layer(CompressionLayer::new().quality(COMPRESSION))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            ANSWER_WITHIN,
        ));
    let routes = answered
        .merge(followers())
        .layer(from_fn(body_limit::whole_body))
        // The bodies that handlers read are within the limit already.
        .layer(DefaultBodyLimit::disable())
        // Files are compressed when they are built, and objects have limits of their own.
        .merge(browsers_files())
        .merge(workers());
    protected(routes, state)
}

/// Programs: the SDK, curl, a spreadsheet.
fn programs() -> Router<AppState> {
    Router::new()
        .route("/api/me", get(account::get_me))
        .route("/api/usage", get(account::get_usage))
        .route(
            "/api/tokens",
            get(tokens::list_tokens).post(tokens::create_token),
        )
        .route("/api/tokens/{id}", delete(tokens::revoke_token))
        .route(
            "/api/tasks",
            get(tasks::list_tasks).post(tasks::create_task),
        )
        .route("/api/tasks/execute", post(execute::execute_code))
        .route("/tasks/execute", post(execute::execute_code))
        .route(
            "/api/tasks/{id}",
            get(tasks::get_task)
                .patch(tasks::update_task)
                .delete(tasks::delete_task),
        )
        .route("/api/tasks/{id}/versions", get(tasks::list_versions))
        .route("/api/tasks/{id}/versions/{n}", get(tasks::get_version))
        .route("/api/tasks/{id}/execute", post(execute::execute_task))
        .route("/api/tasks/{id}/status", get(runs::get_task_status))
        .route("/api/tasks/{id}/results", get(runs::get_task_results))
        .route("/api/runs", get(runs::list_runs))
        .route("/api/runs/{id}", get(runs::get_run))
        .route("/api/runs/{id}/cancel", post(runs::cancel_run))
        .route("/api/runs/{id}/logs", get(runs::get_logs))
        .route("/api/runs/{id}/result", get(results::get_result))
        .route("/api/runs/{id}/figures/{n}", get(results::get_figure))
        .route("/api/runs/{id}/charts/{file}", get(charts::get_chart))
        .route("/api/runs/{id}/export.html", get(export::export_run))
        .route("/api/runs/{id}/share", post(shares::create_share))
        .route("/api/runs/{id}/shares", get(shares::list_shares))
        .route("/api/shares/{id}", delete(shares::revoke_share))
        .route(
            "/api/webhooks",
            get(webhooks::list_webhooks).post(webhooks::create_webhook),
        )
        .route(
            "/api/webhooks/{id}",
            get(webhooks::get_webhook).delete(webhooks::delete_webhook),
        )
        .route("/api/webhooks/{id}/ping", post(webhooks::ping_webhook))
        .route(
            "/api/webhooks/{id}/deliveries",
            get(webhooks::list_deliveries),
        )
        .route(
            "/api/webhooks/{id}/deliveries/{delivery}/redeliver",
            post(webhooks::redeliver),
        )
        .route("/api/openapi.json", get(openapi::get_document))
        .route("/api/docs", get(openapi::get_page))
}

/// Programs and pages that follow a run while it happens: streams, without a time limit.
fn followers() -> Router<AppState> {
    Router::new().route("/api/runs/{id}/events", get(events::follow_run))
}

/// Whoever has been given a link, known to us or not.
fn holders_of_a_link() -> Router<AppState> {
    Router::new()
        .route("/api/shared/{token}", get(shares::get_shared))
        .route("/r/{token}", get(shared::show_page))
        .route("/r/{token}/copy", post(shared::copy_task))
        .route("/r/{token}/result.json", get(shared::get_json))
        .route("/r/{token}/result.csv", get(shared::get_csv))
        .route("/r/{token}/figures/{n}", get(shared::get_figure))
        .route("/r/{token}/charts/{file}", get(shared::get_chart))
        .route("/r/{token}/preview.png", get(shared::get_preview))
}

/// Operators and their tools.
fn operators() -> Router<AppState> {
    Router::new()
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(metrics::show))
}

/// Browsers, for the scripts and styles of our pages.
fn browsers_files() -> Router<AppState> {
    Router::new().route("/pkg/{*path}", get(hashed_file))
}

/// Workers, by presigned addresses.
fn workers() -> Router<AppState> {
    Router::new().route(
        "/objects/{*key}",
        get(objects::get_object).put(objects::put_object),
    )
}

/// Read from the bottom: the last layer sees a request first.
fn protected(routes: Router<AppState>, state: AppState) -> Router {
    routes
        .layer(csrf(&state).with_rejection_response(guard::cross_site_answer::<Body>))
        .layer(from_fn_with_state(state.clone(), guard::own_websockets))
        .layer(from_fn_with_state(state.clone(), guard::known_host))
        .layer(from_fn_with_state(state.clone(), rate::per_address))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(answers::problems))
        .layer(from_fn_with_state(state.clone(), answers::careful_headers))
        .layer(from_fn_with_state(state.clone(), cors::for_named_origins))
        .layer(from_fn_with_state(state.clone(), draining::last_answers))
        .layer(from_fn_with_state(state.clone(), record::request))
        .with_state(state)
}

/// A proxy may pass requests on with another `Host`, so the public address is known by name. Pages of
/// the origins that may use the REST face pass too; [`cors`] keeps them from everything else.
fn csrf(state: &AppState) -> CsrfLayer {
    let own = &state.addresses.public_origin;
    let named = state.addresses.cors_origins.iter();
    let named = named.filter_map(|origin| origin.to_str().ok());
    named
        .chain([own.as_str()])
        .fold(CsrfLayer::new(), |layer, origin| {
            layer
                .clone()
                .add_trusted_origin(origin)
                .unwrap_or_else(|error| {
                    tracing::warn!(%error, origin, "browsers write no such origin");
                    layer
                })
        })
}

async fn hashed_file(State(state): State<AppState>, request: Request) -> Response {
    state.site.hashed_file(request).await
}

/// The panic itself is logged by the hook of [`telemetry::log`].
fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    ApiProblem::defect().into_response()
}
