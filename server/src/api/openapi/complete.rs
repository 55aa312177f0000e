//! What the annotations leave out because it holds everywhere: the problems that any request can
//! meet, the media type of problems, the limits of the product.

use crate::problem::{PROBLEM_JSON, TYPE_PREFIX, name_of};
use domain::{
    ProblemCode,
    limits::{MAX_DESCRIPTION_CHARS, MAX_MEMORY_MB, MAX_NAME_CHARS, MAX_RESULT_BYTES, MAX_WALL_S},
};
use serde_json::{Map, Value, json};

/// Answers that do not depend on the route, by status.
const COMMON: &[(&str, &str)] = &[
    ("400", "The request is not HTTP or JSON as it should be."),
    (
        "401",
        "The token is revoked, over, or none of this server's.",
    ),
    (
        "403",
        "The token's scope does not allow this, or the request comes from a page of another site.",
    ),
    ("404", "There is no such thing, or it is not the caller's."),
    ("408", "The request took too long."),
    ("413", "The body is over its limit."),
    (
        "415",
        "The body has a content encoding or type that is not read.",
    ),
    ("421", "The server is not known by that host name."),
    ("422", "A value of the request is wrong; `field` names it."),
    (
        "429",
        "Too many requests in a short time; `Retry-After` says when to come back.",
    ),
    ("500", "A defect of the server; its log has the cause."),
    (
        "503",
        "The server cannot do this now; `Retry-After` says when to come back.",
    ),
];
/// Those that every request can meet.
const ALWAYS: &[&str] = &["400", "401", "403", "408", "421", "429", "500", "503"];
const WITH_BODY: &[&str] = &["413", "415", "422"];
/// Methods of a path in the document.
pub const METHODS: &[&str] = &["get", "post", "put", "patch", "delete"];

pub fn complete(document: &mut Value) {
    add_components(document);
    if let Some(paths) = document["paths"].as_object_mut() {
        for path in paths.values_mut() {
            for method in METHODS {
                if let Some(operation) = path.get_mut(*method) {
                    add_problems(operation);
                }
            }
        }
    }
    set_limits(document);
    name_formats(document);
}

fn add_components(document: &mut Value) {
    let components = &mut document["components"];
    let responses = COMMON.iter().map(|(status, description)| {
        let response = json!({"description": description, "content": problem()});
        ((*status).to_owned(), response)
    });
    components["responses"] = Value::Object(responses.collect());
    components["securitySchemes"] = json!({
        "bearer": {"type": "http", "scheme": "bearer", "description": "A token of the caller's."}
    });
    let types = ProblemCode::ALL.map(|code| format!("{TYPE_PREFIX}{}", name_of(code)));
    let types: Vec<_> = ["about:blank".to_owned()]
        .into_iter()
        .chain(types)
        .collect();
    components["schemas"]["Problem"]["properties"]["type"]["enum"] = json!(types);
}

fn problem() -> Value {
    json!({PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}})
}

fn add_problems(operation: &mut Value) {
    let parameters = operation.pointer_mut("/parameters");
    for parameter in parameters
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        without_null(&mut parameter["schema"]);
    }
    let contents = operation.pointer_mut("/requestBody/content");
    for content in contents
        .and_then(Value::as_object_mut)
        .into_iter()
        .flatten()
    {
        without_null(&mut content.1["schema"]);
    }
    let asked = |place: &str| {
        let parameters = operation["parameters"].as_array();
        parameters.is_some_and(|all| all.iter().any(|one| one["in"] == place))
    };
    let mut statuses = ALWAYS.to_vec();
    if asked("path") {
        statuses.push("404");
    }
    if asked("query") || asked("header") {
        statuses.push("422");
    }
    if operation.get("requestBody").is_some() {
        statuses.extend(WITH_BODY);
    }
    let Some(responses) = operation["responses"].as_object_mut() else {
        return;
    };
    for (status, response) in responses.iter_mut() {
        if status.starts_with(['4', '5']) {
            response["content"] = problem();
        }
    }
    for status in statuses {
        let common = json!({"$ref": format!("#/components/responses/{status}")});
        responses.entry(status).or_insert(common);
    }
    in_order(responses);
}

/// An optional parameter or body is absent, never null.
fn without_null(schema: &mut Value) {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            schema["type"] = only.clone();
        }
    }
    if let Some(Value::Array(parts)) = schema.get_mut("oneOf") {
        parts.retain(|part| part["type"] != "null");
        if let [only] = parts.as_slice() {
            *schema = only.clone();
        }
    }
}

/// `uint32` and `uint64`, as the registry of formats has them.
fn name_formats(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(name_formats),
        Value::Object(entries) => {
            if let Some(Value::String(format)) = entries.get_mut("format") {
                *format = format.replace("u-int", "uint");
            }
            entries.values_mut().for_each(name_formats);
        }
        _ => {}
    }
}

fn in_order(responses: &mut Map<String, Value>) {
    let mut all: Vec<_> = std::mem::take(responses).into_iter().collect();
    all.sort_by(|(a, _), (b, _)| a.cmp(b));
    responses.extend(all);
}

fn set_limits(document: &mut Value) {
    let schemas = &mut document["components"]["schemas"];
    for (schema, field, what, limit) in [
        ("CreateTask", "name", "minLength", 1),
        ("CreateTask", "name", "maxLength", MAX_NAME_CHARS as u64),
        ("ChangeTask", "name", "maxLength", MAX_NAME_CHARS as u64),
        ("ExecuteCode", "name", "maxLength", MAX_NAME_CHARS as u64),
        (
            "CreateTask",
            "description",
            "maxLength",
            MAX_DESCRIPTION_CHARS as u64,
        ),
        (
            "ChangeTask",
            "description",
            "maxLength",
            MAX_DESCRIPTION_CHARS as u64,
        ),
        ("Limits", "wall_s", "maximum", MAX_WALL_S.into()),
        ("Limits", "cpu_s", "maximum", MAX_WALL_S.into()),
        ("Limits", "memory_mb", "maximum", MAX_MEMORY_MB.into()),
        ("Limits", "output_bytes", "maximum", MAX_RESULT_BYTES),
        ("Limits", "wall_s", "minimum", 1),
        ("Limits", "cpu_s", "minimum", 1),
        ("Limits", "memory_mb", "minimum", 1),
        ("Limits", "output_bytes", "minimum", 1),
    ] {
        schemas[schema]["properties"][field][what] = json!(limit);
    }
}
