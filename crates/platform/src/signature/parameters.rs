//! The parameters of `calculate`, and the fields of the classes they are grouped in.

use super::{
    annotation::{Annotation, Reader},
    docstring::{self, Descriptions},
    literal,
    module::{Module, docstring_of, last_name},
};
use domain::signature::{Parameter, ParameterKind, Style, readable_name};
use ruff_python_ast::{Expr, Parameters, Stmt, StmtClassDef};
use ruff_text_size::Ranged;
use serde_json::Value;

/// Groups inside one another; deeper ones are one JSON field.
const MAX_GROUP_DEPTH: usize = 8;
/// Fields of a form; the groups beyond are JSON fields.
const MAX_FIELDS: usize = 1000;
/// Base classes whose fields a class takes over.
const MAX_BASES: usize = 16;

/// How `calculate` takes its inputs, and what the form asks for.
pub(super) fn read(
    module: &Module,
    parameters: &Parameters,
    own_docstring: Option<&str>,
) -> (Style, Vec<Parameter>) {
    let named: Vec<_> = parameters
        .posonlyargs
        .iter()
        .chain(&parameters.args)
        .chain(&parameters.kwonlyargs)
        .collect();
    let mut descriptions = module.docstring.map(Descriptions::read).unwrap_or_default();
    descriptions.add(own_docstring.map(Descriptions::read).unwrap_or_default());
    let mut form = Form { module, fields: 0 };
    let is_only = parameters.vararg.is_none() && parameters.kwarg.is_none();
    if let ([only], true) = (named.as_slice(), is_only)
        && only.default.is_none()
    {
        let annotation = only
            .parameter
            .annotation
            .as_deref()
            .map(|annotation| form.annotation(annotation, 0));
        let takes_all = only.parameter.name.as_str() == "inputs"
            || annotation
                .as_ref()
                .is_none_or(|annotation| annotation.is_dictionary);
        if takes_all {
            // The whole of the inputs may be one class.
            return match annotation.and_then(|annotation| annotation.kind) {
                Some(ParameterKind::Group { fields }) => (Style::Parameters, fields),
                _ => (Style::Dict, Vec::new()),
            };
        }
    }
    if named.is_empty() && parameters.kwarg.is_some() {
        return (Style::Dict, Vec::new());
    }
    let sources = named.into_iter().map(|one| Source {
        name: one.parameter.name.as_str(),
        annotation: one.parameter.annotation.as_deref(),
        default: one.default.as_deref(),
        is_required: one.default.is_none(),
        end: one.range().end().to_usize(),
        docstring: None,
    });
    (
        Style::Parameters,
        sources
            .map(|source| form.parameter(&source, &descriptions, 0))
            .collect(),
    )
}

/// A parameter or a field as it stands in the code.
pub(super) struct Source<'a> {
    pub name: &'a str,
    pub annotation: Option<&'a Expr>,
    pub default: Option<&'a Expr>,
    pub is_required: bool,
    /// Where it ends in the code.
    pub end: usize,
    /// The text below a field.
    pub docstring: Option<&'a str>,
}

struct Form<'a> {
    module: &'a Module<'a>,
    fields: usize,
}

impl<'a> Form<'a> {
    fn annotation(&mut self, annotation: &Expr, depth: usize) -> Annotation {
        let module = self.module;
        let mut group = |class: &'a StmtClassDef| self.group(class, depth);
        Reader {
            module,
            group: &mut group,
        }
        .read(annotation)
    }

    /// A dataclass, a TypedDict or a NamedTuple is a group; any other class is JSON.
    fn group(&mut self, class: &'a StmtClassDef, depth: usize) -> ParameterKind {
        let fields = if depth < MAX_GROUP_DEPTH {
            class_fields(self.module, class)
        } else {
            None
        };
        let Some(fields) = fields else {
            return ParameterKind::Json;
        };
        self.fields += fields.len();
        if self.fields > MAX_FIELDS {
            return ParameterKind::Json;
        }
        let docstring =
            docstring_of(&class.body).filter(|docstring| self.module.spend(docstring.len() / 16));
        let descriptions = docstring.map(Descriptions::read).unwrap_or_default();
        let fields = fields
            .iter()
            .map(|field| self.parameter(field, &descriptions, depth + 1));
        ParameterKind::Group {
            fields: fields.collect(),
        }
    }

    fn parameter(
        &mut self,
        source: &Source<'_>,
        descriptions: &Descriptions,
        depth: usize,
    ) -> Parameter {
        let annotation = source
            .annotation
            .map(|annotation| self.annotation(annotation, depth))
            .unwrap_or_default();
        let default = source
            .default
            .and_then(|default| literal::evaluate(self.module, default));
        let said = descriptions
            .of(source.name)
            .or_else(|| source.docstring.map(docstring::unwrapped))
            .or(annotation.description)
            .or_else(|| trailing_comment(self.module.code, source.end));
        let described = said
            .map(|text| docstring::described(&text))
            .unwrap_or_default();
        Parameter {
            name: source.name.to_owned(),
            label: described
                .label
                .unwrap_or_else(|| readable_name(source.name)),
            kind: annotation
                .kind
                .unwrap_or_else(|| kind_of_default(default.as_ref())),
            unit: annotation.unit.or(described.unit),
            required: annotation.required.unwrap_or(source.is_required),
            nullable: annotation.nullable || default == Some(Value::Null),
            default,
            description: described.text,
        }
    }
}

/// What a default says about a parameter that has no annotation. A whole number may be the first of
/// many that are not.
fn kind_of_default(default: Option<&Value>) -> ParameterKind {
    match default {
        Some(Value::Number(_)) => ParameterKind::Float,
        Some(Value::Bool(_)) => ParameterKind::Bool,
        Some(Value::String(_)) => ParameterKind::Str,
        Some(Value::Array(items)) if !items.is_empty() && items.iter().all(Value::is_number) => {
            ParameterKind::Numbers { integers: false }
        }
        _ => ParameterKind::Json,
    }
}

/// The comment that ends the line of a parameter: `d: float = 12.0,  # Nominal diameter`.
fn trailing_comment(code: &str, end: usize) -> Option<String> {
    let blank = [' ', '\t'];
    let rest = code.get(end..)?.trim_start_matches(blank);
    let rest = rest
        .strip_prefix(',')
        .unwrap_or(rest)
        .trim_start_matches(blank);
    let comment = rest.strip_prefix('#')?.lines().next()?.trim();
    let is_for_tools = [
        "noqa", "type:", "pyright", "ruff", "fmt:", "pragma", "pylint", "mypy",
    ]
    .iter()
    .any(|tool| {
        comment
            .get(..tool.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(tool))
    });
    (!comment.is_empty() && !is_for_tools).then(|| comment.to_owned())
}

/// The fields of a class that is made from values: base classes first, as Python orders them.
pub(super) fn class_fields<'a>(
    module: &Module<'a>,
    class: &'a StmtClassDef,
) -> Option<Vec<Source<'a>>> {
    let lineage = lineage(module, class);
    if !module.spend(lineage.iter().map(|class| class.body.len() + 1).sum()) {
        return None;
    }
    let is_dataclass = lineage.iter().any(|class| {
        class.decorator_list.iter().any(|decorator| {
            let name = match &decorator.expression {
                Expr::Call(call) => last_name(&call.func),
                name => last_name(name),
            };
            name == Some("dataclass")
        })
    });
    let bases = || {
        lineage
            .iter()
            .flat_map(|class| class.bases())
            .filter_map(last_name)
    };
    let is_typed_dict = bases().any(|base| base == "TypedDict");
    if !is_dataclass && !is_typed_dict && !bases().any(|base| base == "NamedTuple") {
        return None;
    }
    let mut fields: Vec<Source> = Vec::new();
    for class in lineage.iter().rev() {
        for field in own_fields(class, is_typed_dict) {
            match fields.iter_mut().find(|known| known.name == field.name) {
                Some(known) => *known = field,
                None => fields.push(field),
            }
        }
    }
    Some(fields)
}

/// The class and, after it, the base classes of the same module.
fn lineage<'a>(module: &Module<'a>, class: &'a StmtClassDef) -> Vec<&'a StmtClassDef> {
    let mut lineage = vec![class];
    let mut next = 0;
    while let Some(class) = lineage.get(next).copied() {
        next += 1;
        for base in class
            .bases()
            .iter()
            .filter_map(last_name)
            .filter_map(|name| module.class(name))
        {
            let is_new = lineage.iter().all(|known| !std::ptr::eq(*known, base));
            if is_new && lineage.len() < MAX_BASES {
                lineage.push(base);
            }
        }
    }
    lineage
}

fn own_fields(class: &StmtClassDef, is_typed_dict: bool) -> Vec<Source<'_>> {
    let total = class
        .arguments
        .as_ref()
        .and_then(|arguments| arguments.find_keyword("total"));
    let is_total = !matches!(total.map(|total| &total.value), Some(Expr::BooleanLiteral(literal)) if !literal.value);
    let mut fields = Vec::new();
    for (place, statement) in class.body.iter().enumerate() {
        let Stmt::AnnAssign(assign) = statement else {
            continue;
        };
        let Expr::Name(name) = &*assign.target else {
            continue;
        };
        let Some(default) = field_default(assign.value.as_deref()) else {
            continue;
        };
        if is_no_field(&assign.annotation) {
            continue;
        }
        fields.push(Source {
            name: name.id.as_str(),
            annotation: Some(&assign.annotation),
            is_required: is_total
                && (is_typed_dict || assign.value.is_none() || default.is_required),
            default: default.value,
            end: assign.range().end().to_usize(),
            docstring: class.body.get(place + 1..).and_then(docstring_of),
        });
    }
    fields
}

fn is_no_field(annotation: &Expr) -> bool {
    let name = match annotation {
        Expr::Subscript(subscript) => last_name(&subscript.value),
        name => last_name(name),
    };
    matches!(name, Some("ClassVar" | "KW_ONLY"))
}

struct FieldDefault<'a> {
    value: Option<&'a Expr>,
    is_required: bool,
}

/// What `= …` or `= field(…)` of a dataclass gives; `None` for a field that is not asked for.
fn field_default(value: Option<&Expr>) -> Option<FieldDefault<'_>> {
    let Some(Expr::Call(call)) = value.filter(
        |value| matches!(value, Expr::Call(call) if last_name(&call.func) == Some("field")),
    ) else {
        return Some(FieldDefault {
            value,
            is_required: value.is_none(),
        });
    };
    let keyword = |name: &str| {
        call.arguments
            .find_keyword(name)
            .map(|keyword| &keyword.value)
    };
    if matches!(keyword("init"), Some(Expr::BooleanLiteral(literal)) if !literal.value) {
        return None;
    }
    let factory = keyword("default_factory");
    let made = factory.and_then(|factory| match factory {
        Expr::Lambda(lambda) => Some(&*lambda.body),
        _ => None,
    });
    let default = keyword("default");
    Some(FieldDefault {
        value: default.or(made),
        is_required: default.is_none() && factory.is_none(),
    })
}

/// The values of an enumeration of the module; `None` when the class is none, or not of literals.
pub(super) fn enum_values(module: &Module, class: &StmtClassDef) -> Option<Vec<Value>> {
    if !module.spend(class.body.len()) {
        return None;
    }
    let is_enum = class
        .bases()
        .iter()
        .filter_map(last_name)
        .any(|base| matches!(base, "Enum" | "IntEnum" | "StrEnum"));
    if !is_enum {
        return None;
    }
    let members: Option<Vec<Value>> = members(class)
        .map(|(_, value)| literal::evaluate(module, value))
        .collect();
    members.filter(|members| {
        !members.is_empty()
            && members
                .iter()
                .all(|member| member.is_string() || member.is_number())
    })
}

/// The value of a member of an enumeration.
pub(super) fn enum_member<'a>(
    module: &Module,
    class: &'a StmtClassDef,
    member: &str,
) -> Option<&'a Expr> {
    if !module.spend(class.body.len()) {
        return None;
    }
    members(class)
        .find(|(name, _)| *name == member)
        .map(|(_, value)| value)
}

fn members(class: &StmtClassDef) -> impl Iterator<Item = (&str, &Expr)> {
    class.body.iter().filter_map(|statement| match statement {
        Stmt::Assign(assign) => match assign.targets.as_slice() {
            [Expr::Name(name)] if !name.id.starts_with('_') => {
                Some((name.id.as_str(), &*assign.value))
            }
            _ => None,
        },
        _ => None,
    })
}
