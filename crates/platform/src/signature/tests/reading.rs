//! Where `calculate` is looked for, what is wrong with code, and that reading it has an end.

use super::*;

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
        include_str!("mod.rs"),
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
