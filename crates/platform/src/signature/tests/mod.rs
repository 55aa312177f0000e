mod reading;

use super::read;
use domain::{
    Lang,
    limits::MAX_CODE_BYTES,
    signature::{CodeProblemKind, Parameter, ParameterKind, Signature, Style, SyntaxFault},
};
use serde_json::{Value, json};

fn signature(code: &str) -> Signature {
    read(code).expect("a signature")
}

fn parameters(code: &str) -> Vec<Parameter> {
    let signature = signature(code);
    assert_eq!(signature.style, Style::Parameters);
    signature.parameters
}

fn only(code: &str) -> Parameter {
    parameters(code).into_iter().next().expect("a parameter")
}

fn choice(options: &[&str]) -> ParameterKind {
    ParameterKind::Choice {
        options: options.iter().map(|option| json!(option)).collect(),
    }
}

#[test]
fn a_bolted_joint_is_read_whole() {
    let code = r#""""Preload, working load and safety of one bolt, after VDI 2230."""
from typing import Annotated, Literal

def calculate(
    d: Annotated[float, "mm"] = 12.0,
    grade: Literal["8.8", "10.9", "12.9"] = "10.9",
    µ: float = 0.12,
    e_parts: Annotated[float, "MPa"] = 210_000.0,
    n: int = 8,
    wet: bool = False,
    loads: list[float] = [1, 2.5],
):
    """Preload.

    Args:
        d: Nominal diameter. Of the thread.
        e_parts: Modulus of parts
    """
    return {}
"#;
    let signature = signature(code);
    assert_eq!(
        signature.summary.as_deref(),
        Some("Preload, working load and safety of one bolt, after VDI 2230")
    );
    let found: Vec<_> = signature
        .parameters
        .iter()
        .map(|p| {
            (
                p.name.as_str(),
                p.label.as_str(),
                p.unit.as_deref(),
                p.default.clone().unwrap_or_default(),
                p.required,
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("d", "Nominal diameter", Some("mm"), json!(12.0), false),
            ("grade", "Grade", None, json!("10.9"), false),
            // Python reads the micro sign as the Greek letter; so do we, or the name would be unknown.
            ("μ", "μ", None, json!(0.12), false),
            (
                "e_parts",
                "Modulus of parts",
                Some("MPa"),
                json!(210_000.0),
                false
            ),
            ("n", "n", None, json!(8), false),
            ("wet", "Wet", None, json!(false), false),
            ("loads", "Loads", None, json!([1, 2.5]), false),
        ]
    );
    let kinds: Vec<_> = signature.parameters.into_iter().map(|p| p.kind).collect();
    assert_eq!(
        kinds,
        [
            ParameterKind::Float,
            choice(&["8.8", "10.9", "12.9"]),
            ParameterKind::Float,
            ParameterKind::Float,
            ParameterKind::Int,
            ParameterKind::Bool,
            ParameterKind::Numbers { integers: false },
        ]
    );
}

#[test]
fn one_parameter_for_all_inputs_is_the_dictionary_style() {
    for header in [
        "def calculate(inputs):",
        "def calculate(inputs: dict):",
        "def calculate(data):",
        "def calculate(data: dict[str, float]):",
        "def calculate(data: typing.Mapping[str, Any]):",
        "def calculate(data: 'dict[str, float]'):",
        "def calculate(*, inputs):",
        "def calculate(**inputs):",
        "async def calculate(inputs, /):",
    ] {
        assert_eq!(
            signature(&format!("{header}\n    return 1")).style,
            Style::Dict,
            "{header}"
        );
    }
    for header in [
        "def calculate():",
        "def calculate(force: float):",
        "def calculate(inputs={}):",
        "def calculate(data=None):",
        "def calculate(data: Optional[dict]):",
        "def calculate(data: Annotated[dict, 'kN']):",
        "def calculate(a, b):",
        "def calculate(inputs, *rest):",
    ] {
        assert_eq!(
            signature(&format!("{header}\n    return 1")).style,
            Style::Parameters,
            "{header}"
        );
    }
}

#[test]
fn one_class_for_all_inputs_gives_its_fields() {
    let code = "
from dataclasses import dataclass
@dataclass
class Beam:
    length: float
    load: float = 2.0
def calculate(inputs: Beam): return 1";
    let found = parameters(code);
    let names: Vec<_> = found
        .iter()
        .map(|p| (p.name.as_str(), p.required))
        .collect();
    assert_eq!(names, [("length", true), ("load", false)]);
}

#[test]
fn annotations_are_understood_however_they_are_written() {
    let float = || ParameterKind::Float;
    let numbers = |integers| ParameterKind::Numbers { integers };
    for (annotation, kind, nullable) in [
        ("float", float(), false),
        ("'float'", float(), false),
        ("int | float", float(), false),
        ("Union[int, float, None]", float(), true),
        ("Optional[float]", float(), true),
        ("None | float", float(), true),
        ("typing.Optional['float']", float(), true),
        ("np.float64", float(), false),
        ("Length", float(), false),
        ("Mass", float(), false),
        ("Annotated[Optional[float], 'mm']", float(), true),
        ("Final[float]", float(), false),
        ("int", ParameterKind::Int, false),
        ("bool", ParameterKind::Bool, false),
        ("str", ParameterKind::Str, false),
        ("datetime.date", ParameterKind::Str, false),
        ("Literal['a', 'b']", choice(&["a", "b"]), false),
        ("Literal['a', 'b', None]", choice(&["a", "b"]), true),
        ("Literal['a'] | Literal['b']", choice(&["a", "b"]), false),
        (
            "Literal[1, -2]",
            ParameterKind::Choice {
                options: vec![json!(1), json!(-2)],
            },
            false,
        ),
        ("Steel", choice(&["S235", "S355"]), false),
        ("list[float]", numbers(false), false),
        ("List[int]", numbers(true), false),
        ("tuple[float, ...]", numbers(false), false),
        ("Sequence[float] | None", numbers(false), true),
        ("list[Length]", numbers(false), false),
        ("np.ndarray", numbers(false), false),
        ("npt.NDArray[np.float64]", numbers(false), false),
        ("dict[str, float]", ParameterKind::Json, false),
        ("float | str", ParameterKind::Json, false),
        ("list[str]", ParameterKind::Json, false),
        ("tuple[float, float]", ParameterKind::Json, false),
        ("pd.DataFrame", ParameterKind::Json, false),
        ("Unknown[1, 2](3)", ParameterKind::Json, false),
        ("Loop", ParameterKind::Json, false),
        ("'not python at ('", ParameterKind::Json, false),
    ] {
        let code = format!(
            "from __future__ import annotations\nLength = Annotated[float, 'mm']\nMass = NewType('Mass', float)\nLoop = Loop2\nLoop2 = Loop\nclass Steel(str, Enum):\n    A = 'S235'\n    B = 'S355'\ndef calculate(x: {annotation}, y: int = 0): return 1"
        );
        let found = only(&code);
        assert_eq!(
            (found.kind, found.nullable),
            (kind, nullable),
            "{annotation}"
        );
    }
    assert_eq!(
        only("Length = Annotated[float, 'mm']\ndef calculate(x: Length, y=1): ...")
            .unit
            .as_deref(),
        Some("mm")
    );
    assert_eq!(
        only("def calculate(x: list[Annotated[float, 'kN']], y=1): ...")
            .unit
            .as_deref(),
        Some("kN")
    );
    let described = only("def calculate(x: Annotated[float, Unit('kN'), 'Axial load'] = 1.0): ...");
    assert_eq!(
        (described.unit.as_deref(), described.label.as_str()),
        (Some("kN"), "Axial load")
    );
}

#[test]
fn defaults_are_literals_and_what_holds_literals_together() {
    for (default, value) in [
        ("1e3", json!(1000.0)),
        ("-5", json!(-5)),
        ("+2.5", json!(2.5)),
        ("210_000.0", json!(210_000.0)),
        ("0x10", json!(16)),
        ("2 * 3 + 10 ** 2", json!(106)),
        ("1 / 4", json!(0.25)),
        ("10 ** -3", json!(0.001)),
        ("'a' 'b'", json!("ab")),
        ("[1, [2.0, None], (True,)]", json!([1, [2.0, null], [true]])),
        ("{'a': 1, 'b': {'c': -1}}", json!({"a": 1, "b": {"c": -1}})),
        ("E_STEEL", json!(210e3)),
        ("2 * E_STEEL", json!(420e3)),
        ("math.pi", json!(std::f64::consts::PI)),
        ("np.array([1, 2])", json!([1, 2])),
        ("Part(3, name='x')", json!({"d": 3, "name": "x", "n": 4})),
        ("Steel.A", json!("S235")),
    ] {
        let code = format!(
            "E_STEEL, OTHER = 210e3, 1\nclass Steel(Enum):\n    A = 'S235'\n@dataclass\nclass Part:\n    d: float\n    name: str = ''\n    n: int = field(default=4)\ndef calculate(x={default}): return 1"
        );
        assert_eq!(only(&code).default, Some(value), "{default}");
    }
    for default in [
        "f(1)",
        "[x for x in y]",
        "1 / 0",
        "10 ** 1000",
        "UNKNOWN",
        "1j",
        "f'{a}'",
        "9 ** 9 ** 9",
        "lambda: 1",
        "{1: 2}",
        "{**a}",
    ] {
        let found = only(&format!("def calculate(x: float = {default}): return 1"));
        assert_eq!((found.default, found.required), (None, false), "{default}");
    }
    let null = only("def calculate(x: float = None): return 1");
    assert_eq!((null.default, null.nullable), (Some(Value::Null), true));
}

#[test]
fn defaults_say_what_annotations_do_not() {
    for (default, kind) in [
        ("1000", ParameterKind::Float),
        ("1.5", ParameterKind::Float),
        ("True", ParameterKind::Bool),
        ("'a'", ParameterKind::Str),
        ("[1, 2]", ParameterKind::Numbers { integers: false }),
        ("[]", ParameterKind::Json),
        ("None", ParameterKind::Json),
    ] {
        assert_eq!(
            only(&format!("def calculate(x={default}): return 1")).kind,
            kind,
            "{default}"
        );
    }
}

#[test]
fn groups_nest_and_keep_their_descriptions() {
    let code = r#"
@dataclasses.dataclass(frozen=True)
class Base:
    material: str = "steel"
@dataclass
class Bolt(Base):
    """A bolt.

    Attributes:
        d: Nominal diameter [mm]
    """
    d: float
    pitch: Annotated[float, "mm"] = 1.75
    "Thread pitch"
    kind: ClassVar[int] = 1
    cache: dict = field(init=False)
    sizes: list[float] = field(default_factory=lambda: [1.0, 2.0])
class Loads(TypedDict, total=False):
    axial: Required[float]  # Axial load [kN]
    shear: float
class Joint(NamedTuple):
    bolt: Bolt
    grip: float = 40.0
def calculate(joint: Joint, loads: Loads, spare: "Bolt | None" = None): ...
"#;
    let found = parameters(code);
    let fields = |parameter: &Parameter| match &parameter.kind {
        ParameterKind::Group { fields } => fields.clone(),
        kind => panic!("{kind:?} is no group"),
    };
    let joint = fields(&found[0]);
    let bolt = fields(&joint[0]);
    let summary: Vec<_> = bolt
        .iter()
        .map(|p| {
            (
                p.name.as_str(),
                p.label.as_str(),
                p.unit.as_deref(),
                p.required,
            )
        })
        .collect();
    assert_eq!(
        summary,
        [
            ("material", "Material", None, false),
            ("d", "Nominal diameter", Some("mm"), true),
            ("pitch", "Thread pitch", Some("mm"), false),
            ("sizes", "Sizes", None, false),
        ]
    );
    assert_eq!(bolt[3].default, Some(json!([1.0, 2.0])));
    assert_eq!(joint[1].default, Some(json!(40.0)));
    let loads = fields(&found[1]);
    assert_eq!(
        (
            loads[0].required,
            loads[0].label.as_str(),
            loads[0].unit.as_deref()
        ),
        (true, "Axial load", Some("kN"))
    );
    assert!(!loads[1].required);
    assert!(found[2].nullable);
    assert_eq!(fields(&found[2]).len(), 4);
}

#[test]
fn comments_beside_parameters_describe_them() {
    let code = "def calculate(\n    d: float = 12.0,  # Nominal diameter [mm]\n    l: float = 1.0, # noqa: E741\n    f=1  # Load\n): return 1";
    let found = parameters(code);
    let labels: Vec<_> = found
        .iter()
        .map(|p| (p.label.as_str(), p.unit.as_deref()))
        .collect();
    assert_eq!(
        labels,
        [
            ("Nominal diameter", Some("mm")),
            ("l", None),
            ("Load", None)
        ]
    );
}
