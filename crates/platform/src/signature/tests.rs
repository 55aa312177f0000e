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

#[test]
fn calculate_is_found_where_python_finds_it() {
    assert_eq!(parameters("def f(a: int): ...\ncalculate = f").len(), 1);
    assert_eq!(parameters("try:\n    import x\nexcept ImportError:\n    pass\nif True:\n    def calculate(a: int, b: int): ...").len(), 2);
    assert_eq!(
        parameters("def calculate(a: int): ...\ndef calculate(a: int, b: int): ...").len(),
        2
    );
    assert_eq!(parameters("calculate = lambda a, b=2: a").len(), 2);
    for opaque in [
        "from other import calculate",
        "calculate = partial(f, 1)",
        "class calculate: ...",
        "calculate = calculate",
    ] {
        assert_eq!(signature(opaque).style, Style::Dict, "{opaque}");
    }
}

#[test]
fn without_calculate_the_sentence_says_what_to_do() {
    for code in [
        "",
        "x = 1",
        "class A:\n    def calculate(self): ...",
        "# only a comment",
    ] {
        let problem = read(code).expect_err("no calculate");
        assert_eq!(problem.kind, CodeProblemKind::MissingCalculate, "{code}");
        assert_eq!(
            problem.message,
            "No function called calculate. Add one: its parameters become the inputs."
        );
    }
}

#[test]
fn syntax_problems_have_a_line_and_a_plain_sentence() {
    for (code, line, column, message) in [
        (
            "def calculate(a):\n    x = (1 + 2\n    return x",
            2,
            9,
            "Line 2 opens ( and never closes it. Add ).",
        ),
        (
            "def calculate(a)\n    return a",
            1,
            17,
            "Line 1 has no colon where one belongs. Add it.",
        ),
        (
            "def calculate(a):\nreturn a",
            2,
            1,
            "Line 2 must be indented, because it belongs to the line above. Put four spaces before it.",
        ),
        (
            "x = 1\n  y = 2",
            2,
            1,
            "Line 2 is indented more than the lines around it. Align it with them.",
        ),
        (
            "if x:\n    y = 1\n  z = 2",
            3,
            1,
            "Line 3 is indented like no line above it. Align it with its block.",
        ),
        (
            "x = 'abc",
            1,
            5,
            "Line 1 opens a text and never closes it. Add the quotation mark.",
        ),
        ("x = 3 *", 1, 8, "Line 1 lacks a value. Complete it."),
        (
            "x = 5 °",
            1,
            7,
            "Line 1 has the character °, which means nothing in Python. Remove it, or put it in quotation marks.",
        ),
        (
            "x = 2 y",
            1,
            7,
            "Line 1 holds two statements, or lacks an operator or a comma. Separate them, or add it.",
        ),
        (
            "def f(a=1, b): ...",
            1,
            12,
            "Line 1 has a parameter without a default after one with a default. Give it a default too, or move it to the front.",
        ),
    ] {
        let problem = read(code).expect_err(code);
        assert_eq!(problem.kind, CodeProblemKind::Syntax);
        assert_eq!(
            (problem.line, problem.column, problem.message.as_str()),
            (line, column, message),
            "{code}"
        );
        assert!(
            problem
                .text(Lang::Fr)
                .starts_with(&format!("La ligne {line} "))
        );
    }
}

#[test]
fn code_that_nests_without_end_is_refused_at_its_line() {
    let wide = MAX_CODE_BYTES / 8;
    for (code, line) in [
        (format!("a = 1\nx = {}", "(".repeat(wide)), 2),
        (format!("x = {}", "[".repeat(wide)), 1),
        (format!("x = {}1", "-".repeat(wide)), 1),
        (format!("x = {}1", "not ".repeat(wide)), 1),
        (format!("x = 1{}", "+1".repeat(wide)), 1),
        (format!("x = 1{}", "**1".repeat(wide)), 1),
        (format!("x = a{}", ".a".repeat(wide)), 1),
        (format!("x = a{}", "()".repeat(wide)), 1),
        (format!("x = {}1", "lambda:".repeat(wide)), 1),
        (format!("x = {}", "f\"{".repeat(wide / 4)), 1),
        (format!("x = {}1", "1 if 1 else ".repeat(wide / 4)), 1),
    ] {
        let problem = read(&code).expect_err("too deep");
        assert_eq!(
            (problem.fault, problem.line),
            (Some(SyntaxFault::TooDeep), line),
            "{}",
            &code[..20]
        );
    }
    let nested = |depth: usize| {
        format!(
            "x = {}1{}\ndef calculate(a, b): ...",
            "[".repeat(depth),
            "]".repeat(depth)
        )
    };
    assert!(read(&nested(150)).is_ok());
    let blocks: String = (0..1200)
        .map(|depth| format!("{}if 1:\n", " ".repeat(depth % 200)))
        .collect();
    assert!(read(&blocks).is_err());
    let problem = read(&" ".repeat(MAX_CODE_BYTES + 1)).expect_err("too large");
    assert_eq!(problem.fault, Some(SyntaxFault::TooLarge));
}

#[test]
fn long_flat_code_is_read() {
    let table = "-1.5, ".repeat(20_000);
    let code = format!("TABLE = [{table}]\ndef calculate(a: float, b: int = 2): return 1");
    assert_eq!(parameters(&code).len(), 2);
}

/// A few names that refer to one another stand for any number of fields.
#[test]
fn work_is_bounded() {
    let mut classes = String::new();
    for level in 0..40 {
        let fields: String = (0..20)
            .map(|field| format!("    f{field}: C{}\n", level + 1))
            .collect();
        classes += &format!("@dataclass\nclass C{level}:\n{fields}");
    }
    let parameters: String = (0..5000).map(|n| format!("p{n}: C0, ")).collect();
    let code = format!("{classes}def calculate({parameters}): ...");
    let started = std::time::Instant::now();
    assert!(read(&code).is_ok());
    let mut lists = "a0 = [1, 1]\n".to_owned();
    for level in 1..40 {
        lists += &format!("a{level} = [a{0}, a{0}]\n", level - 1);
    }
    let parameters: String = (0..5000)
        .map(|n| format!("p{n}: Literal[a39] = a39, "))
        .collect();
    assert!(read(&format!("{lists}def calculate({parameters}): ...")).is_ok());
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

/// Whatever is typed, the reader answers.
#[test]
fn no_text_makes_it_panic() {
    let seeds = [
        include_str!("tests.rs"),
        "\"\"\"Doc.\n\nArgs:\n    a: b [c]\n\"\"\"\n@dataclass\nclass A(B):\n    'x'\n    a: Annotated['float | None', \"mm\"] = field(default_factory=lambda: [1])\ndef calculate(a: A = A(1, b=-2), *, b: Literal['x', 1] = 1e3, **c):\n    '''x\n    Parameters\n    ----------\n    a : float\n        Text\n    :param b: x\n    '''\n    return f\"{a!r:>{b}}\"\n",
    ];
    let alphabet: Vec<char> = "\"'()[]{}:,.=-*#\\\n\t  abcf0159_@|é𝛼\u{FEFF}\r%!~"
        .chars()
        .collect();
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    for round in 0..3000 {
        let mut text: Vec<char> = match round % 3 {
            0 => (0..random(200))
                .map(|_| alphabet[random(alphabet.len())])
                .collect(),
            1 => seeds[1].chars().collect(),
            _ => seeds[0].chars().skip(random(8000)).take(600).collect(),
        };
        for _ in 0..random(6) {
            let at = random(text.len() + 1);
            match random(3) {
                0 if at < text.len() => drop(text.remove(at)),
                1 if at < text.len() => text[at] = alphabet[random(alphabet.len())],
                _ => text.insert(at, alphabet[random(alphabet.len())]),
            }
        }
        let text: String = text.into_iter().collect();
        if let Err(problem) = read(&text) {
            let lines = text.split(['\n', '\r']).count();
            assert!(
                problem.line >= 1 && problem.line as usize <= lines + 1,
                "{problem:?} in {text:?}"
            );
            assert!(problem.column >= 1);
        }
    }
}
