"""Every way a calculation fails: the kind, the sentence, the line, the traceback."""

from __future__ import annotations

import textwrap

import pytest
from conftest import Run


def test_a_python_error_has_its_line_and_a_clean_traceback(run: Run) -> None:
    code = "def inner(d2):\n    return d2 + d_2\n\ndef calculate(inputs):\n    return inner(1)\n"
    error = run(code).error
    assert error["kind"] == "python"
    assert error["message"] == "NameError: name 'd_2' is not defined. Did you mean: 'd2'?"
    assert error["line"] == 2
    lines = error["traceback"].splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[1:3] == ['  File "calculation.py", line 5, in calculate', "    return inner(1)"]
    assert '  File "calculation.py", line 2, in inner' in lines
    assert "    return d2 + d_2" in lines
    assert lines[-1] == "NameError: name 'd_2' is not defined. Did you mean: 'd2'?"
    assert "mecapy_runner" not in error["traceback"]


def test_the_line_is_the_authors_where_a_library_fails(run: Run) -> None:
    error = run("def calculate():\n    x = 1\n    return numpy.linalg.inv([[0.0]])\n").error
    assert error["message"].startswith("LinAlgError") or "LinAlgError" in error["message"]
    assert error["line"] == 3
    assert 'File "numpy/linalg/_linalg.py"' in error["traceback"]
    assert "/work" not in error["traceback"]
    assert "site-packages" not in error["traceback"]


def test_an_error_outside_calculate(run: Run) -> None:
    error = run("a = 1\nb = a / 0\ndef calculate(): pass").error
    assert (error["kind"], error["line"]) == ("python", 2)
    assert error["message"] == "ZeroDivisionError: division by zero"


@pytest.mark.parametrize(
    ("code", "line", "words"),
    [
        ("def calculate(:\n    pass", 1, "Line 1: Invalid syntax."),
        ("x = 1\ny = (2", 2, "Line 2: '(' was never closed."),
        (
            "def calculate():\nreturn 1",
            2,
            "Line 2: Expected an indented block after function definition on line 1.",
        ),
        (
            "def calculate():\n    return 1\n  x = 2",
            3,
            "Line 3: Unindent does not match any outer indentation level.",
        ),
        ("return 1", 1, "Line 1: 'return' outside function."),
        ("x = 'abc", 1, "Line 1: Unterminated string literal"),
        ("if True:\n\tx = 1\n        y = 2", 3, "Line 3: "),
    ],
)
def test_syntax_errors(run: Run, code: str, line: int, words: str) -> None:
    error = run(code).error
    assert error["kind"] == "syntax"
    assert error["line"] == line
    assert error["message"].startswith(words)
    assert error["message"].endswith("Correct the line and run again.")
    assert f'File "calculation.py", line {line}' in error["traceback"]
    assert "mecapy_runner" not in error["traceback"]


@pytest.mark.parametrize("code", ["x = 1\0", "(" * 300 + ")" * 300, "-" * 500_000 + "1"])
def test_code_that_cannot_be_compiled(run: Run, code: str) -> None:
    assert run(code).error["kind"] == "syntax"


def test_a_syntax_error_while_running_is_a_python_error(run: Run) -> None:
    error = run("def calculate():\n    return eval('1 +')").error
    assert (error["kind"], error["line"]) == ("python", 2)


def test_missing_calculate(run: Run) -> None:
    error = run("def calcul(): pass").error
    assert error == {
        "kind": "missing_calculate",
        "message": "No function called calculate. Add one: its parameters become the inputs.",
        "line": None,
        "traceback": None,
    }
    assert run("calculate = 3").error["message"].startswith("calculate is an int, not a function.")
    assert run("").error["kind"] == "missing_calculate"


@pytest.mark.parametrize(
    ("statement", "kind", "words"),
    [
        (
            "import torch",
            "missing_package",
            "The package torch is not available in a calculation. Available are numpy",
        ),
        ("import sklearn.svm", "missing_package", "The package sklearn is not available"),
        (
            "import msvcrt",
            "missing_package",
            "msvcrt is a part of Python that is not available in a calculation.",
        ),
        ("pandas.read_excel('x.xlsx')", "python", "FileNotFoundError"),
        (
            "pandas.DataFrame().to_excel('/tmp/x.xlsx')",
            "missing_package",
            "The package openpyxl is not available",
        ),
        ("import numpy.nothing", "python", "ModuleNotFoundError: No module named 'numpy.nothing'"),
        ("from math import sqr", "python", "ImportError: cannot import name 'sqr' from 'math'"),
        (
            "np.zeros(3)",
            "python",
            "NameError: name 'np' is not defined. Write import numpy as np at the top.",
        ),
        ("numpy.linspce(0, 1)", "python", "has no attribute 'linspce'. Did you mean: 'linspace'?"),
        ("open('data.csv')", "python", "A calculation sees no files of yours: give the data as inputs."),
        ("input()", "python", "make the value a parameter of calculate."),
        ("exit()", "python", "The calculation ended itself with sys.exit and gave no result."),
        ("raise SystemExit(0)", "python", "The calculation ended itself with sys.exit"),
        ("raise KeyboardInterrupt", "python", "KeyboardInterrupt: the calculation interrupted itself"),
        ("raise GeneratorExit", "python", "GeneratorExit"),
        ("raise ValueError('Friction must be above 0.')", "python", "ValueError: Friction must be above 0."),
        ("raise MemoryError", "out_of_memory", "Used more than 512 MB. Work on fewer points at a time."),
        (
            "numpy.zeros((10**6, 10**9))",
            "out_of_memory",
            "Used more than 512 MB: Unable to allocate 7.11 PiB for an array",
        ),
        (
            "raise OSError(12, 'Cannot allocate memory')",
            "out_of_memory",
            "Used more than 512 MB: [Errno 12] Cannot",
        ),
        ("raise ImportError('x.so: failed to map segment from shared object')", "out_of_memory", "512 MB"),
        (
            "0 or (_ for _ in ()).throw(PermissionError(1, 'x'))  # os.fork()",
            "python",
            "cannot start other processes",
        ),
        ("raise PermissionError(1, 'x')", "python", "PermissionError: [Errno 1] x"),
        ("raise OSError(30, 'Read-only file system', '/x')", "python", "may write files only in /tmp"),
        ('raise RuntimeError("can\'t start new thread")', "python", "Use fewer threads at a time."),
    ],
)
def test_words_for(run: Run, statement: str, kind: str, words: str) -> None:
    error = run(f"def calculate():\n    {statement}", memory_mb=512).error
    assert error["kind"] == kind
    assert words in error["message"]
    assert error["line"] == 2


@pytest.mark.parametrize(
    "statement",
    [
        "raise socket.gaierror(-2, 'Name or service not known')",
        "raise urllib.error.URLError(socket.gaierror(-3, 'x'))",
        "socket.create_connection(('127.0.0.1', 1), timeout=1)",
        "socket.socket().connect(('127.0.0.1', 1))",
        "pandas.read_csv('http://127.0.0.1:1/x.csv')",
        "asyncio.run(asyncio.open_connection('127.0.0.1', 1))",
        "urllib.request.urlopen('http://127.0.0.1:1')",
        "raise RuntimeError('failed') from ConnectionRefusedError(errno.ECONNREFUSED, 'x')",
    ],
)
def test_network_errors_have_one_sentence(run: Run, statement: str) -> None:
    error = run(f"import asyncio, errno, socket, urllib.request\ndef calculate():\n    {statement}").error
    assert error["kind"] == "network"
    assert error["message"].startswith(
        "Network access is not available in a calculation. Give the data as inputs."
    )
    assert error["line"] == 3


def refuse_sockets() -> None:
    """Does what the jail does to socket(2)."""
    import _socket

    class Refused(_socket.socket):
        def __init__(self, *arguments: object) -> None:
            raise PermissionError(1, "Operation not permitted")

    import socket

    socket._socket.socket = Refused  # type: ignore[attr-defined]


def test_a_refused_socket_is_a_network_error(run: Run) -> None:
    code = "import socket\ndef calculate():\n    socket.socket()"
    assert run(code).kind == "result"
    error = run(code, before=refuse_sockets).error
    assert (error["kind"], error["line"]) == ("network", 3)


def test_an_error_while_handling_a_network_error_is_its_own(run: Run) -> None:
    code = "import socket\ndef calculate():\n    try:\n        raise socket.gaierror(-2, 'x')\n    except OSError:\n        nowhere\n"
    error = run(code).error
    assert error["kind"] == "python"
    assert error["message"].startswith("NameError")


def test_a_refused_process_is_explained(run: Run) -> None:
    def refuse_processes() -> None:
        import _posixsubprocess
        import subprocess

        def refused(*_: object) -> int:
            raise PermissionError(1, "Operation not permitted")

        _posixsubprocess.fork_exec = refused
        subprocess._fork_exec = refused  # type: ignore[attr-defined]

    error = run(
        "import subprocess\ndef calculate():\n    subprocess.run(['ls'])", before=refuse_processes
    ).error
    assert error["kind"] == "python"
    assert "A calculation cannot start other processes" in error["message"]


def test_a_key_that_the_inputs_lack(run: Run) -> None:
    code = "def calculate(inputs):\n    grades = {}\n    return inputs['forze'] if inputs.get('a') else grades['x']"
    assert run(code, {"a": 1, "force": 2}).error["message"] == "KeyError: 'forze'. The inputs have a, force."
    code = "def calculate(inputs):\n    return inputs['force']"
    assert run(code).error["message"] == "KeyError: 'force'. The inputs are empty."
    code = "def calculate(inputs):\n    grades = {}\n    return grades['x']"
    assert run(code, {"a": 1}).error["message"] == "KeyError: 'x'"


def test_endless_recursion(run: Run) -> None:
    error = run("def f(n):\n    return f(n + 1)\ndef calculate():\n    return f(0)").error
    assert error["kind"] == "python"
    assert error["message"].startswith("RecursionError: maximum recursion depth exceeded")
    assert error["message"].endswith("give it a case that returns.")
    assert error["line"] == 2
    assert "Previous line repeated" in error["traceback"]
    assert len(error["traceback"]) < 2000


@pytest.mark.parametrize(
    "exception",
    [
        "class E(Exception):\n    def __str__(self): raise ValueError('no')",
        "class E(Exception):\n    def __str__(self): raise SystemExit",
        "class E(Exception):\n    def __str__(self): return 3",
        "class E(Exception):\n    __notes__ = property(lambda self: 1/0)",
        "class E(Exception):\n    def __getattribute__(self, name): raise KeyboardInterrupt",
        "class E(BaseException):\n    __module__ = 3",
        "class M(type):\n    __name__ = property(lambda c: 1/0)\nclass E(Exception, metaclass=M): pass",
        "class E(Exception):\n    def __str__(self): return '\\ud800\\0'",
    ],
)
def test_hostile_exceptions_end_in_an_error(run: Run, exception: str) -> None:
    outcome = run(f"{exception}\ndef calculate():\n    raise E")
    assert outcome.error["kind"] == "python"
    assert outcome.error["message"]
    assert "\0" not in outcome.error["message"]


def test_long_messages_are_cut(run: Run) -> None:
    error = run("def calculate():\n    raise ValueError('x' * 10**7)").error
    assert len(error["message"]) == 2000
    assert error["message"].endswith("…")
    assert len(error["traceback"]) < 33_000


def test_causes_and_notes_are_shown(run: Run) -> None:
    code = textwrap.dedent("""
        def calculate():
            try:
                1 / 0
            except ZeroDivisionError as e:
                error = ValueError("no load")
                error.add_note("check the inputs")
                raise error from e
    """)
    error = run(code).error
    assert "ZeroDivisionError: division by zero" in error["traceback"]
    assert "direct cause" in error["traceback"]
    assert error["message"] == "ValueError: no load\ncheck the inputs"
    assert error["line"] == 8


def test_groups_of_exceptions(run: Run) -> None:
    error = run("def calculate():\n    raise ExceptionGroup('two', [ValueError('a'), TypeError('b')])").error
    assert error["message"].startswith("ExceptionGroup: two (2 sub-exceptions)")
    assert "ValueError: a" in error["traceback"]


@pytest.mark.parametrize(
    "mischief",
    [
        "sys.setrecursionlimit(60)",
        "sys.settrace(lambda *a: 1/0)",
        "sys.setprofile(lambda *a: 1/0)",
        "sys.settrace(lambda f, e, a: f.f_locals.clear() or f.clear())",
        "threading.setprofile(lambda *a: 1/0); os.close(0)",
        "sys.stdout = sys.stderr = None",
        "sys.stdout.close()",
        "os.close(1); os.close(2)",
        "json.dumps = None; traceback.TracebackException = None",
        "sys.modules.clear()",
        "os.environ.clear(); os.chdir('/')",
        "linecache.cache.clear(); linecache.getlines = None",
        "builtins.isinstance = None",
    ],
)
@pytest.mark.parametrize("ending", ["return 1", "raise ValueError('x')"])
def test_a_run_ends_in_words_whatever_the_code_does_to_python(run: Run, mischief: str, ending: str) -> None:
    code = f"import builtins, json, linecache, os, sys, threading, traceback\ndef calculate():\n    {mischief}\n    {ending}"
    outcome = run(code)
    assert outcome.kind in ("result", "error")
    assert outcome.messages.count("result") + outcome.messages.count("error") == 1


def test_an_object_that_fails_while_it_is_written(run: Run) -> None:
    code = textwrap.dedent("""
        import collections.abc
        class Odd(collections.abc.Mapping):
            def __getitem__(self, key): return 1 / 0
            def __iter__(self): return iter("a")
            def __len__(self): return 1
        def calculate():
            return Odd()
    """)
    error = run(code).error
    assert error["message"] == "ZeroDivisionError: division by zero"
    assert error["line"] == 4
