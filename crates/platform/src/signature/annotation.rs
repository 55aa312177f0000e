//! Annotations: what kind of field one asks for, its unit, and whether it may be left empty.

use super::{
    literal,
    module::{Definition, Module, last_name, text_of},
    parameters::enum_values,
    source::parse_annotation,
};
use domain::signature::ParameterKind;
use ruff_python_ast::{Expr, ExprSubscript, Operator, StmtClassDef};

/// Aliases, texts and brackets an annotation may go through.
const MAX_DEPTH: usize = 16;

/// What an annotation says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Annotation {
    /// `None` where it says nothing about the type.
    pub kind: Option<ParameterKind>,
    pub unit: Option<String>,
    /// Further text of `Annotated[...]`.
    pub description: Option<String>,
    pub nullable: bool,
    /// `NotRequired[...]` of a TypedDict, or `Required[...]`.
    pub required: Option<bool>,
    /// A class variable, which is no field.
    pub is_class_variable: bool,
    /// A dictionary and nothing around it, as the runner asks.
    pub is_dictionary: bool,
}

impl Annotation {
    fn of(kind: ParameterKind) -> Self {
        Self {
            kind: Some(kind),
            ..Self::default()
        }
    }
}

/// Reads annotations; `group` says what a class of the same file is.
pub(super) struct Reader<'a, 'b> {
    pub module: &'a Module<'a>,
    pub group: &'b mut dyn FnMut(&'a StmtClassDef) -> ParameterKind,
}

impl<'a> Reader<'a, '_> {
    pub fn read(&mut self, expr: &Expr) -> Annotation {
        self.annotation(expr, MAX_DEPTH)
    }

    fn annotation(&mut self, expr: &Expr, depth: usize) -> Annotation {
        let Some(depth) = depth.checked_sub(1).filter(|_| self.module.spend(1)) else {
            return Annotation::of(ParameterKind::Json);
        };
        match expr {
            Expr::Name(_) | Expr::Attribute(_) => {
                self.named(last_name(expr).unwrap_or_default(), depth)
            }
            Expr::NoneLiteral(_) => Annotation {
                nullable: true,
                ..Annotation::of(ParameterKind::Json)
            },
            Expr::StringLiteral(literal) => match parse_annotation(literal.value.to_str()) {
                Some(inner) => self.annotation(&inner, depth),
                None => Annotation::of(ParameterKind::Json),
            },
            Expr::BinOp(binary) if binary.op == Operator::BitOr => {
                let mut arms = Vec::new();
                flatten_union(expr, &mut arms);
                self.union(&arms, depth)
            }
            Expr::Subscript(subscript) => self.subscript(subscript, depth),
            _ => Annotation::of(ParameterKind::Json),
        }
    }

    fn named(&mut self, name: &str, depth: usize) -> Annotation {
        match self.module.definition(name) {
            Some(Definition::Class(class)) => {
                if let Some(options) = enum_values(self.module, class) {
                    return Annotation::of(ParameterKind::Choice { options });
                }
                return Annotation::of((self.group)(class));
            }
            Some(Definition::Value(Expr::Call(call)))
                if last_name(&call.func) == Some("NewType") =>
            {
                if let [_, base] = &*call.arguments.args {
                    return self.annotation(base, depth);
                }
            }
            Some(Definition::Value(alias)) => return self.annotation(alias, depth),
            _ => {}
        }
        builtin(name)
    }

    fn subscript(&mut self, subscript: &ExprSubscript, depth: usize) -> Annotation {
        let arguments: Vec<&Expr> = match &*subscript.slice {
            Expr::Tuple(tuple) => tuple.elts.iter().collect(),
            only => vec![only],
        };
        match last_name(&subscript.value).unwrap_or_default() {
            "Literal" => self.choice(&arguments),
            "Optional" => {
                let inner = arguments.first().map(|first| self.annotation(first, depth));
                Annotation {
                    nullable: true,
                    is_dictionary: false,
                    ..inner.unwrap_or_default()
                }
            }
            "Union" => self.union(&arguments, depth),
            "Annotated" => self.annotated(&arguments, depth),
            "Final" | "InitVar" => self.first(&arguments, depth),
            "ClassVar" => Annotation {
                is_class_variable: true,
                ..Annotation::default()
            },
            wrapper @ ("Required" | "NotRequired") => Annotation {
                required: Some(wrapper == "Required"),
                ..self.first(&arguments, depth)
            },
            "list" | "List" | "Sequence" | "MutableSequence" | "Iterable" | "Collection" => {
                self.list(&arguments, depth)
            }
            "tuple" | "Tuple" => match arguments.as_slice() {
                [only, Expr::EllipsisLiteral(_)] => self.list(&[only], depth),
                _ => Annotation::of(ParameterKind::Json),
            },
            "NDArray" | "ndarray" => Annotation::of(ParameterKind::Numbers { integers: false }),
            name => {
                let bare = builtin(name);
                Annotation {
                    kind: Some(ParameterKind::Json),
                    is_dictionary: bare.is_dictionary,
                    ..Annotation::default()
                }
            }
        }
    }

    fn first(&mut self, arguments: &[&Expr], depth: usize) -> Annotation {
        arguments
            .first()
            .map(|first| self.annotation(first, depth))
            .unwrap_or_default()
    }

    fn choice(&self, arguments: &[&Expr]) -> Annotation {
        let options: Option<Vec<_>> = arguments
            .iter()
            .map(|option| literal::evaluate(self.module, option))
            .collect();
        match options {
            Some(mut options)
                if options
                    .iter()
                    .all(|option| !option.is_array() && !option.is_object()) =>
            {
                let with_null = options.len();
                options.retain(|option| !option.is_null());
                Annotation {
                    nullable: options.len() < with_null,
                    ..Annotation::of(ParameterKind::Choice { options })
                }
            }
            _ => Annotation::of(ParameterKind::Json),
        }
    }

    /// The first text is the unit, the second a description; a call such as `Unit("mm")` counts as its text.
    fn annotated(&mut self, arguments: &[&Expr], depth: usize) -> Annotation {
        let Some((first, rest)) = arguments.split_first() else {
            return Annotation::default();
        };
        let mut annotation = self.annotation(first, depth);
        annotation.is_dictionary = false;
        let mut texts = rest.iter().filter_map(|metadata| match metadata {
            Expr::Call(call) => call.arguments.args.first().and_then(text_of),
            metadata => text_of(metadata)
                .or_else(|| self.module.value(last_name(metadata)?).and_then(text_of)),
        });
        if let Some(unit) = texts.next() {
            annotation.unit = Some(unit.trim().to_owned()).filter(|unit| !unit.is_empty());
        }
        annotation.description = texts.next().map(str::to_owned).or(annotation.description);
        annotation
    }

    fn list(&mut self, arguments: &[&Expr], depth: usize) -> Annotation {
        let item = self.first(arguments, depth);
        let kind = match item.kind {
            Some(ParameterKind::Float) => ParameterKind::Numbers { integers: false },
            Some(ParameterKind::Int) => ParameterKind::Numbers { integers: true },
            _ => ParameterKind::Json,
        };
        Annotation {
            unit: item.unit,
            ..Annotation::of(kind)
        }
    }

    fn union(&mut self, arms: &[&Expr], depth: usize) -> Annotation {
        let mut union = Annotation::default();
        let mut kinds: Vec<ParameterKind> = Vec::new();
        for arm in arms {
            if matches!(arm, Expr::NoneLiteral(_)) {
                union.nullable = true;
                continue;
            }
            let read = self.annotation(arm, depth);
            union.nullable |= read.nullable;
            union.unit = union.unit.or(read.unit);
            union.description = union.description.or(read.description);
            let kind = read.kind.unwrap_or(ParameterKind::Json);
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        union.kind = Some(one_of(kinds));
        union
    }
}

/// The kind that takes all of them.
fn one_of(mut kinds: Vec<ParameterKind>) -> ParameterKind {
    let is_number =
        |kind: &ParameterKind| matches!(kind, ParameterKind::Float | ParameterKind::Int);
    if kinds.len() > 1 && kinds.iter().all(is_number) {
        return ParameterKind::Float;
    }
    if kinds.len() > 1
        && kinds
            .iter()
            .all(|kind| matches!(kind, ParameterKind::Choice { .. }))
    {
        let options = kinds.into_iter().flat_map(|kind| match kind {
            ParameterKind::Choice { options } => options,
            _ => Vec::new(),
        });
        return ParameterKind::Choice {
            options: options.collect(),
        };
    }
    match (kinds.pop(), kinds.is_empty()) {
        (Some(only), true) => only,
        _ => ParameterKind::Json,
    }
}

fn flatten_union<'e>(expr: &'e Expr, arms: &mut Vec<&'e Expr>) {
    match expr {
        Expr::BinOp(binary) if binary.op == Operator::BitOr => {
            flatten_union(&binary.left, arms);
            flatten_union(&binary.right, arms);
        }
        arm => arms.push(arm),
    }
}

fn builtin(name: &str) -> Annotation {
    match name {
        "float" | "float64" | "float32" | "Decimal" | "Fraction" | "Real" => {
            Annotation::of(ParameterKind::Float)
        }
        "int" | "Integral" => Annotation::of(ParameterKind::Int),
        "bool" => Annotation::of(ParameterKind::Bool),
        "str" | "date" | "datetime" | "time" => Annotation::of(ParameterKind::Str),
        "ndarray" | "NDArray" | "ArrayLike" => {
            Annotation::of(ParameterKind::Numbers { integers: false })
        }
        "dict" | "Dict" | "Mapping" | "MutableMapping" => Annotation {
            is_dictionary: true,
            ..Annotation::of(ParameterKind::Json)
        },
        "KW_ONLY" => Annotation {
            is_class_variable: true,
            ..Annotation::default()
        },
        // A bare list says nothing about its items; the default may.
        "Any" | "object" | "list" | "List" | "Sequence" | "tuple" | "Tuple" => {
            Annotation::default()
        }
        _ => Annotation::of(ParameterKind::Json),
    }
}
