//! Defaults as JSON: literals, simple arithmetic on them, constants of the module, and calls that
//! only hold values together.

use super::{
    module::{Module, last_name, text_of},
    parameters::{class_fields, enum_member},
};
use ruff_python_ast::{Expr, ExprCall, Number, Operator, UnaryOp};
use serde_json::{Map, Value, json};

/// Names, calls and brackets a default may go through.
const MAX_DEPTH: usize = 32;

/// The value of an expression, or `None` when only Python can tell.
pub(super) fn evaluate(module: &Module, expr: &Expr) -> Option<Value> {
    Evaluation { module }.value(expr, MAX_DEPTH)
}

struct Evaluation<'a> {
    module: &'a Module<'a>,
}

impl Evaluation<'_> {
    fn value(&self, expr: &Expr, depth: usize) -> Option<Value> {
        let depth = depth.checked_sub(1)?;
        if !self.module.spend(1) {
            return None;
        }
        match expr {
            Expr::NoneLiteral(_) => Some(Value::Null),
            Expr::BooleanLiteral(literal) => Some(Value::Bool(literal.value)),
            Expr::StringLiteral(literal) => Some(Value::String(literal.value.to_str().to_owned())),
            Expr::NumberLiteral(literal) => number(&literal.value),
            Expr::UnaryOp(unary) => {
                let operand = self.value(&unary.operand, depth)?;
                match unary.op {
                    UnaryOp::USub => negated(&operand),
                    UnaryOp::UAdd => operand.is_number().then_some(operand),
                    UnaryOp::Not => operand.as_bool().map(|truth| Value::Bool(!truth)),
                    UnaryOp::Invert => None,
                }
            }
            Expr::BinOp(binary) => {
                let left = self.value(&binary.left, depth)?;
                let right = self.value(&binary.right, depth)?;
                arithmetic(&left, binary.op, &right)
            }
            Expr::List(list) => self.list(&list.elts, depth),
            Expr::Tuple(tuple) => self.list(&tuple.elts, depth),
            Expr::Dict(dict) => {
                let mut entries = Map::new();
                for item in &dict.items {
                    let key = text_of(item.key.as_ref()?)?;
                    entries.insert(key.to_owned(), self.value(&item.value, depth)?);
                }
                Some(Value::Object(entries))
            }
            Expr::Name(name) => self.value(self.module.value(name.id.as_str())?, depth),
            Expr::Attribute(attribute) => {
                match (last_name(&attribute.value), attribute.attr.as_str()) {
                    (Some("math" | "np" | "numpy"), "pi") => Some(json!(std::f64::consts::PI)),
                    (Some("math" | "np" | "numpy"), "e") => Some(json!(std::f64::consts::E)),
                    (Some("math"), "tau") => Some(json!(std::f64::consts::TAU)),
                    (Some(class), member) => self.value(
                        enum_member(self.module, self.module.class(class)?, member)?,
                        depth,
                    ),
                    _ => None,
                }
            }
            Expr::Call(call) => self.call(call, depth),
            _ => None,
        }
    }

    fn list(&self, items: &[Expr], depth: usize) -> Option<Value> {
        items
            .iter()
            .map(|item| self.value(item, depth))
            .collect::<Option<Vec<_>>>()
            .map(Value::Array)
    }

    /// A dataclass of the module as an object; `np.array([…])`, `list(…)` and the like as their values.
    fn call(&self, call: &ExprCall, depth: usize) -> Option<Value> {
        let name = last_name(&call.func)?;
        let arguments = &call.arguments;
        if let Some(class) = self.module.class(name) {
            let fields = class_fields(self.module, class)?;
            let mut entries = Map::new();
            if arguments.args.len() > fields.len() {
                return None;
            }
            for (field, argument) in fields.iter().zip(&arguments.args) {
                entries.insert(field.name.to_owned(), self.value(argument, depth)?);
            }
            for keyword in &arguments.keywords {
                let name = keyword.arg.as_ref()?.as_str();
                entries.insert(name.to_owned(), self.value(&keyword.value, depth)?);
            }
            for field in &fields {
                if !entries.contains_key(field.name)
                    && let Some(default) = field.default
                {
                    entries.insert(field.name.to_owned(), self.value(default, depth)?);
                }
            }
            return Some(Value::Object(entries));
        }
        match (name, &*arguments.args) {
            ("array" | "asarray" | "list" | "tuple" | "dict" | "float" | "int" | "str", [only]) => {
                self.converted(name, only, depth)
            }
            ("list" | "tuple", []) if arguments.keywords.is_empty() => Some(json!([])),
            ("dict", []) => {
                let mut entries = Map::new();
                for keyword in &arguments.keywords {
                    entries.insert(
                        keyword.arg.as_ref()?.to_string(),
                        self.value(&keyword.value, depth)?,
                    );
                }
                Some(Value::Object(entries))
            }
            _ => None,
        }
    }

    fn converted(&self, to: &str, argument: &Expr, depth: usize) -> Option<Value> {
        let value = self.value(argument, depth)?;
        match (to, &value) {
            ("float", Value::Number(number)) => number.as_f64().map(|number| json!(number)),
            ("array" | "asarray" | "list" | "tuple", Value::Array(_))
            | ("dict", Value::Object(_))
            | ("str", Value::String(_)) => Some(value),
            ("int", Value::Number(number)) if number.is_i64() => Some(value),
            _ => None,
        }
    }
}

fn number(number: &Number) -> Option<Value> {
    match number {
        Number::Int(int) => int.as_i64().map(|number| json!(number)),
        Number::Float(number) => number.is_finite().then(|| json!(number)),
        Number::Complex { .. } => None,
    }
}

fn negated(operand: &Value) -> Option<Value> {
    match operand.as_i64() {
        Some(number) => number.checked_neg().map(|number| json!(number)),
        None => operand.as_f64().map(|number| json!(-number)),
    }
}

/// As Python would: integers stay integers but for a true division.
fn arithmetic(left: &Value, operator: Operator, right: &Value) -> Option<Value> {
    if let (Some(a), Some(b)) = (left.as_i64(), right.as_i64()) {
        let whole = match operator {
            Operator::Add => a.checked_add(b),
            Operator::Sub => a.checked_sub(b),
            Operator::Mult => a.checked_mul(b),
            Operator::Pow => u32::try_from(b).ok().and_then(|b| a.checked_pow(b)),
            _ => None,
        };
        if let Some(whole) = whole {
            return Some(json!(whole));
        }
    }
    let (a, b) = (left.as_f64()?, right.as_f64()?);
    let result = match operator {
        Operator::Add => a + b,
        Operator::Sub => a - b,
        Operator::Mult => a * b,
        Operator::Div => a / b,
        Operator::Pow => a.powf(b),
        _ => return None,
    };
    // An integer too large for JSON, a division by zero: Python decides what becomes of it.
    (result.is_finite()
        && !(left.is_i64()
            && right.is_i64()
            && matches!(operator, Operator::Add | Operator::Sub | Operator::Mult)))
    .then(|| json!(result))
}
