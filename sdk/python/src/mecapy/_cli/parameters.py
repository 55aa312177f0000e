"""The inputs a calculation takes, read from its text without running it.

`calculate` takes its inputs in one of two ways. One parameter without a default that is named `inputs`, has
no annotation, or is annotated as a dictionary gets them all, whatever their names; every other signature gets
its parameters by name. The server goes by the same rule.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any

from .usage import UsageError

_DICTIONARIES = ("dict", "Dict", "Mapping", "MutableMapping")
_KINDS = {"float": "number", "int": "whole number", "bool": "truth", "str": "text"}


@dataclass(frozen=True)
class Parameter:
    """One input: its name, kind, unit, default as it is written (`None`: it must be given), and choices.

    The kind is "number", "whole number", "truth", "text", or "" for any JSON.
    """

    name: str
    kind: str
    unit: str
    default: str | None
    choices: tuple[Any, ...]


@dataclass(frozen=True)
class Signature:
    """What `calculate` takes; `any_name` when it takes inputs of whatever name."""

    parameters: tuple[Parameter, ...]
    any_name: bool

    def find(self, name: str) -> Parameter | None:
        """Give the parameter of that name; hyphens stand for underscores."""
        names = (name, name.replace("-", "_"))
        return next((one for one in self.parameters if one.name in names), None)


def read(code: str, where: str) -> Signature:
    """Read what `calculate` takes. Raises `UsageError` when the code is no Python or has no such function."""
    try:
        module = ast.parse(code)
    except (SyntaxError, ValueError) as problem:
        line = getattr(problem, "lineno", None)
        raise UsageError(
            f"{where}{f', line {line}' if line else ''}: {getattr(problem, 'msg', problem)}."
        ) from None
    functions = [
        node
        for node in module.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == "calculate"
    ]
    if functions:
        return _of_function(functions[-1].args)
    if any(name == "calculate" for node in module.body for name in _bound(node)):
        # It exists, and only Python knows how it is called.
        return Signature((), any_name=True)
    raise UsageError(f"{where} has no function called calculate. Add one: its parameters become the inputs.")


def _bound(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [alias.asname or alias.name for alias in node.names]
    targets = (
        node.targets
        if isinstance(node, ast.Assign)
        else [node.target]
        if isinstance(node, ast.AnnAssign)
        else []
    )
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _of_function(given: ast.arguments) -> Signature:
    positional = [*given.posonlyargs, *given.args]
    missing: list[ast.expr | None] = [None] * (len(positional) - len(given.defaults))
    with_defaults = [
        *zip(positional, [*missing, *given.defaults], strict=True),
        *zip(given.kwonlyargs, given.kw_defaults, strict=True),
    ]
    if len(with_defaults) == 1 and given.vararg is None and given.kwarg is None:
        only, default = with_defaults[0]
        if default is None and (
            only.arg == "inputs" or only.annotation is None or _is_dictionary(only.annotation)
        ):
            return Signature((), any_name=True)
    parameters = tuple(_parameter(one, default) for one, default in with_defaults)
    return Signature(parameters, any_name=given.kwarg is not None)


def _is_dictionary(annotation: ast.expr) -> bool:
    return _last_name(_resolved(annotation)) in _DICTIONARIES


def _parameter(argument: ast.arg, default: ast.expr | None) -> Parameter:
    kind, unit, choices = _meaning(argument.annotation)
    written = None if default is None else ast.unparse(default)
    return Parameter(argument.arg, kind, unit, written, choices)


def _meaning(annotation: ast.expr | None) -> tuple[str, str, tuple[Any, ...]]:
    if annotation is None:
        return "", "", ()
    annotation = _resolved(annotation)
    if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
        sides = [side for side in (annotation.left, annotation.right) if not _is_none(side)]
        return _meaning(sides[0]) if len(sides) == 1 else ("", "", ())
    if isinstance(annotation, ast.Subscript):
        parts = annotation.slice.elts if isinstance(annotation.slice, ast.Tuple) else [annotation.slice]
        name = _last_name(annotation.value)
        if name == "Annotated":
            kind, _, choices = _meaning(parts[0])
            texts = [
                one.value for one in parts[1:] if isinstance(one, ast.Constant) and isinstance(one.value, str)
            ]
            return kind, texts[0] if texts else "", choices
        if name == "Optional":
            return _meaning(parts[0])
        if name == "Literal":
            return "", "", tuple(one.value for one in parts if isinstance(one, ast.Constant))
        return "", "", ()
    return _KINDS.get(_last_name(annotation), ""), "", ()


def _resolved(annotation: ast.expr) -> ast.expr:
    """Give what an annotation that is written as a text says."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            return ast.parse(annotation.value, mode="eval").body
        except SyntaxError:
            return annotation
    return annotation


def _is_none(expression: ast.expr) -> bool:
    return isinstance(expression, ast.Constant) and expression.value is None


def _last_name(expression: ast.expr) -> str:
    if isinstance(expression, ast.Subscript):
        return _last_name(expression.value)
    if isinstance(expression, ast.Attribute):
        return expression.attr
    return expression.id if isinstance(expression, ast.Name) else ""
