//! A schema in words, as HTML.

use serde_json::Value;

/// A text for HTML, inside an element or a quoted attribute.
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe += "&amp;",
            '<' => safe += "&lt;",
            '>' => safe += "&gt;",
            '"' => safe += "&quot;",
            c => safe.push(c),
        }
    }
    safe
}

/// Words with `code` in them.
pub fn prose(text: &str) -> String {
    let mut html = String::new();
    for (index, part) in text.split('`').enumerate() {
        let part = escaped(part);
        if index % 2 == 1 {
            html += &format!("<code>{part}</code>");
        } else {
            html += &part;
        }
    }
    html
}

/// What values a schema allows.
pub fn type_of(schema: &Value) -> String {
    if let Some(target) = schema["$ref"].as_str() {
        let name = escaped(target.rsplit('/').next().unwrap_or_default());
        return format!("<a href=\"#schema-{name}\">{name}</a>");
    }
    for any in ["oneOf", "anyOf", "allOf"] {
        if let Some(parts) = schema[any].as_array() {
            let between = if any == "allOf" { " with " } else { " or " };
            let parts: Vec<_> = parts.iter().map(type_of).collect();
            return parts.join(between);
        }
    }
    if let Some(values) = schema["enum"].as_array() {
        let values: Vec<_> = values
            .iter()
            .map(|value| format!("<code>{}</code>", escaped(&value.to_string())))
            .collect();
        return values.join(" or ");
    }
    let names: Vec<_> = match &schema["type"] {
        Value::String(name) => vec![name.as_str()],
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
        _ => return "any".to_owned(),
    };
    let names: Vec<_> = names
        .iter()
        .map(|name| match *name {
            "array" => format!("list of {}", type_of(&schema["items"])),
            name => escaped(name),
        })
        .collect();
    names.join(" or ") + &bounds(schema)
}

fn bounds(schema: &Value) -> String {
    let mut text = String::new();
    if let Some(format) = schema["format"].as_str().filter(|f| !f.contains("int")) {
        text += &format!(", {}", escaped(format));
    }
    for (name, word) in [
        ("minimum", "≥"),
        ("maximum", "≤"),
        ("minLength", "length ≥"),
        ("maxLength", "length ≤"),
    ] {
        if let Some(bound) = schema[name].as_f64() {
            text += &format!(", {word} {bound}");
        }
    }
    text
}

/// Rows of name, type and meaning for the properties of an object; nothing for other schemas.
pub fn properties(schema: &Value) -> String {
    let mut rows = String::new();
    for part in schema["allOf"].as_array().into_iter().flatten() {
        rows += &properties(part);
    }
    let is_required = |name: &str| {
        let names = schema["required"].as_array();
        names.is_some_and(|names| names.iter().any(|one| one == name))
    };
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let about = property["description"].as_str().unwrap_or_default();
        rows += &row(name, is_required(name), &type_of(property), about);
    }
    rows
}

/// One row of a table of names.
pub fn row(name: &str, is_required: bool, kind: &str, about: &str) -> String {
    let mark = if is_required {
        " <span class=\"ref-required\">required</span>"
    } else {
        ""
    };
    format!(
        "<tr><th scope=\"row\"><code>{}</code>{mark}</th><td class=\"ref-type\">{kind}</td><td>{}</td></tr>",
        escaped(name),
        prose(about)
    )
}
