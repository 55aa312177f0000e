//! The document as a page: written by the server, complete without scripts.

use super::{
    complete::METHODS,
    schema::{escaped, properties, prose, row, type_of},
};
use serde_json::Value;
use std::fmt::Write;

/// `pkg` is where the style sheet is, `origin` what the examples call.
pub fn write(document: &Value, pkg: &str, origin: &str) -> String {
    let (nav, body) = parts(document, origin);
    let (pkg, title) = (escaped(pkg), text(&document["info"], "title"));
    let version = text(&document["info"], "version");
    let about: String = text(&document["info"], "description")
        .split("\n\n")
        .map(|paragraph| format!("<p class=\"doc-lead\">{}</p>", prose(paragraph)))
        .collect();
    format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>REST API · {title}</title>\
         <link rel=\"stylesheet\" href=\"{pkg}/mecapy.css\">\
         <link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\"></head>\
         <body class=\"shared\"><header class=\"doc-bar\"><a class=\"brand\" href=\"/\">\
         <img class=\"mark\" src=\"/favicon.svg\" alt=\"\" width=\"20\" height=\"20\"><span>{title}</span></a>\
         <span class=\"doc-readonly\">REST API {version}</span>\
         <div class=\"doc-actions\"><a href=\"/api/openapi.json\">openapi.json</a></div></header>\
         <div class=\"doc-frame\"><aside class=\"rail\"><nav aria-label=\"Contents\">{nav}</nav></aside>\
         <main class=\"doc ref\"><h1>REST API</h1>{about}{body}</main></div></body></html>\n"
    )
}

/// The contents, and what they lead to.
fn parts(document: &Value, origin: &str) -> (String, String) {
    let (mut nav, mut body) = (String::new(), String::new());
    for tag in list(&document["tags"]) {
        let name = text(tag, "name");
        let _ = write!(
            nav,
            "<a class=\"ref-tag\" href=\"#{name}\">{}</a>",
            capital(&name)
        );
        let _ = write!(
            body,
            "<section class=\"doc-section\" id=\"{name}\"><h2>{}</h2><p>{}</p>",
            capital(&name),
            prose(&text(tag, "description"))
        );
        for (path, method, operation) in operations(document) {
            if list(&operation["tags"]).iter().any(|one| one == &name) {
                let id = text(operation, "operationId");
                let summary = text(operation, "summary");
                let _ = write!(
                    nav,
                    "<a href=\"#{id}\">{}</a>",
                    prose(summary.trim_end_matches('.'))
                );
                body += &operation_html(document, path, method, operation, origin);
            }
        }
        body += "</section>";
    }
    nav += "<a class=\"ref-tag\" href=\"#schemas\">Schemas</a>";
    body += "<section class=\"doc-section\" id=\"schemas\"><h2>Schemas</h2>";
    for (name, schema) in members(&document["components"]["schemas"]) {
        let name = escaped(name);
        let about = prose(&text(schema, "description"));
        let _ = write!(
            body,
            "<section class=\"ref-op\" id=\"schema-{name}\"><h3>{name}</h3><p>{about}</p>"
        );
        body += &match properties(schema) {
            rows if rows.is_empty() => format!("<p class=\"ref-type\">{}</p>", variants(schema)),
            rows => table(&rows),
        };
        body += "</section>";
    }
    body += "</section>";
    (nav, body)
}

/// A schema that is one of several objects, each with its own table.
fn variants(schema: &Value) -> String {
    let all = list(&schema["oneOf"]);
    if all.iter().any(|one| one.get("properties").is_none()) || all.is_empty() {
        return type_of(schema);
    }
    let one = |variant: &Value| {
        let about = prose(&text(variant, "description"));
        format!("<p>{about}</p>{}", table(&properties(variant)))
    };
    all.iter().map(one).collect()
}

fn operation_html(
    document: &Value,
    path: &str,
    method: &str,
    operation: &Value,
    origin: &str,
) -> String {
    let id = text(operation, "operationId");
    let mut html = format!(
        "<section class=\"ref-op\" id=\"{id}\"><h3><span class=\"ref-method\">{}</span> <code>{}</code></h3><p>{}</p>",
        method.to_uppercase(),
        escaped(path),
        prose(&text(operation, "summary"))
    );
    let about = text(operation, "description");
    if !about.is_empty() {
        let _ = write!(html, "<p>{}</p>", prose(&about));
    }
    let parameters: String = list(&operation["parameters"])
        .iter()
        .map(|one| {
            let kind = format!(
                "{} <span class=\"ref-in\">in {}</span>",
                type_of(&one["schema"]),
                text(one, "in")
            );
            row(
                &text(one, "name"),
                one["required"] == true,
                &kind,
                &text(one, "description"),
            )
        })
        .collect();
    if !parameters.is_empty() {
        html += &format!("<h4>Parameters</h4>{}", table(&parameters));
    }
    if let Some(body) = operation.get("requestBody") {
        let kinds: String = members(&body["content"])
            .map(|(kind, content)| {
                row(
                    kind,
                    body["required"] == true,
                    &type_of(&content["schema"]),
                    &text(body, "description"),
                )
            })
            .collect();
        html += &format!("<h4>Body</h4>{}", table(&kinds));
    }
    let answers: String = members(&operation["responses"])
        .map(|(status, response)| answer_row(document, status, response))
        .collect();
    html += &format!("<h4>Answers</h4>{}", table(&answers));
    if let Some(call) = example(document, path, method, operation, origin) {
        html += &format!(
            "<h4>Example</h4><pre class=\"ref-call\"><code>{}</code></pre>",
            escaped(&call)
        );
    }
    html + "</section>"
}

fn answer_row(document: &Value, status: &str, response: &Value) -> String {
    let response = match response["$ref"].as_str() {
        Some(target) => document
            .pointer(target.trim_start_matches('#'))
            .unwrap_or(response),
        None => response,
    };
    let kinds: Vec<_> = members(&response["content"])
        .map(|(kind, content)| {
            format!(
                "{} <span class=\"ref-in\">{}</span>",
                type_of(&content["schema"]),
                escaped(kind)
            )
        })
        .collect();
    row(
        status,
        false,
        &kinds.join("<br>"),
        &text(response, "description"),
    )
}

/// A call with curl, for operations whose body has an example or that need none.
fn example(
    document: &Value,
    path: &str,
    method: &str,
    operation: &Value,
    origin: &str,
) -> Option<String> {
    let mut call = String::from("curl -s");
    if !matches!(method, "get" | "post") {
        let _ = write!(call, " -X {}", method.to_uppercase());
    }
    let body = match operation.get("requestBody") {
        Some(body) => {
            let schema = &body["content"]["application/json"]["schema"];
            let target = schema["$ref"].as_str().unwrap_or_default();
            let schema = document.pointer(target.trim_start_matches('#'))?;
            Some(schema.get("example")?.to_string())
        }
        None if method == "post" => Some(String::new()),
        None => None,
    };
    let _ = write!(call, " -H 'Authorization: Bearer TOKEN' '{origin}{path}'");
    if let Some(body) = body {
        let _ = write!(call, " -d '{}'", body.replace('\'', "'\\''"));
    }
    Some(call)
}

fn table(rows: &str) -> String {
    format!(
        "<div class=\"ref-scroll\" tabindex=\"0\"><table class=\"ref-table\"><tbody>{rows}</tbody></table></div>"
    )
}

fn operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    members(&document["paths"]).flat_map(|(path, item)| {
        let of_path =
            move |method: &&'static str| Some((path.as_str(), *method, item.get(*method)?));
        METHODS.iter().filter_map(of_path)
    })
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}
