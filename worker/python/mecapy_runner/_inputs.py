"""From the inputs of a run to the arguments of `calculate`.

Two styles, told apart by the signature: one parameter without default that is named `inputs`, has no
annotation, or is annotated as a dictionary gets the inputs as they are; every other signature gets its
parameters by name, each brought to its annotation.
"""

from __future__ import annotations

import difflib
import inspect
import json
import typing
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import is_dataclass
from typing import Any, NoReturn

from ._coerce import coerce
from ._coerce_scalars import described
from ._failure import Failure
from ._limits import MAX_DEPTH

_DICTIONARIES = (dict, Mapping, MutableMapping)
_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_CONTAINERS = (dict, list)


def read_inputs(text: str | bytes) -> dict[str, Any]:
    """Parse the inputs: a JSON object, with integers exact; of a repeated key the last value counts."""
    if not text.strip():
        return {}
    try:
        inputs = json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        _refuse_depth()
    except ValueError as problem:
        if "integer string conversion" in str(problem):
            raise Failure("invalid_inputs", "An integer in the inputs has too many digits.") from None
        raise Failure("invalid_inputs", f"The inputs are not valid JSON: {problem}.") from None
    if not isinstance(inputs, dict):
        raise Failure(
            "invalid_inputs",
            f"The inputs are {described(inputs)}, not an object. "
            'Write names and values, for example {"force": 1000}.',
        )
    _check_depth(inputs)
    return inputs


def bind(calculate: Callable[..., Any], inputs: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """Give the positional and the keyword arguments for `calculate`."""
    try:
        parameters = list(inspect.signature(calculate).parameters.values())
    except (TypeError, ValueError):
        return [inputs], {}
    hints = _hints(calculate)
    if takes_dictionary(parameters):
        hint = hints.get(parameters[0].name)
        whole = coerce(inputs, hint, "inputs") if _is_group(hint) else inputs
        return ([whole], {}) if parameters[0].kind in _POSITIONAL else ([], {parameters[0].name: whole})
    return _bind_by_name(parameters, hints, inputs)


def takes_dictionary(parameters: list[inspect.Parameter]) -> bool:
    """Tell whether `calculate` takes the inputs as one dictionary."""
    if len(parameters) != 1:
        return False
    (only,) = parameters
    if only.default is not only.empty or only.kind in (only.VAR_POSITIONAL, only.VAR_KEYWORD):
        return False
    return only.name == "inputs" or only.annotation is only.empty or _is_dictionary(only.annotation)


def _is_dictionary(annotation: Any) -> bool:
    if isinstance(annotation, str):
        name = annotation.partition("[")[0].strip().rpartition(".")[2]
        return name in ("dict", "Dict", "Mapping", "MutableMapping")
    return (typing.get_origin(annotation) or annotation) in _DICTIONARIES


def _is_group(hint: Any) -> bool:
    if not isinstance(hint, type):
        return False
    return typing.is_typeddict(hint) or is_dataclass(hint) or hasattr(hint, "_fields")


def _bind_by_name(
    parameters: list[inspect.Parameter], hints: Mapping[str, Any], inputs: dict[str, Any]
) -> tuple[list[Any], dict[str, Any]]:
    named = [one for one in parameters if one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)]
    known = {one.name for one in named}
    extra = {name: value for name, value in inputs.items() if name not in known}
    if extra and not any(one.kind is one.VAR_KEYWORD for one in parameters):
        _refuse_unknown(next(iter(extra)), sorted(known))
    missing = [one.name for one in named if one.name not in inputs and one.default is one.empty]
    if missing:
        _refuse_missing(missing)
    positional: list[Any] = []
    keyword: dict[str, Any] = extra
    for one in named:
        if one.kind is one.POSITIONAL_ONLY:
            positional.append(_argument(one, hints, inputs))
        elif one.name in inputs:
            keyword[one.name] = _argument(one, hints, inputs)
    return positional, keyword


def _argument(parameter: inspect.Parameter, hints: Mapping[str, Any], inputs: dict[str, Any]) -> Any:
    if parameter.name not in inputs:
        return parameter.default
    value = inputs[parameter.name]
    if value is None and parameter.default is None:
        return None
    return coerce(value, hints.get(parameter.name), parameter.name)


def _hints(calculate: Callable[..., Any]) -> dict[str, Any]:
    """Give the resolved annotations; one that cannot be resolved asks for nothing."""
    target = inspect.unwrap(calculate)
    if not getattr(target, "__annotations__", None):
        return {}
    try:
        return typing.get_type_hints(target, include_extras=True)
    except Exception:
        return {name: hint for name, hint in target.__annotations__.items() if not isinstance(hint, str)}


def _refuse_unknown(name: str, known: list[str]) -> NoReturn:
    close = difflib.get_close_matches(name, known, 1)
    if close:
        advice = f"Did you mean {close[0]}?"
    else:
        advice = f"Its parameters are {', '.join(known)}." if known else "It takes no inputs."
    raise Failure("invalid_inputs", f"calculate has no parameter {name}. {advice}")


def _refuse_missing(names: list[str]) -> NoReturn:
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    verb = "is" if len(names) == 1 else "are"
    raise Failure(
        "invalid_inputs",
        f"{listed} {verb} missing in the inputs. Give a value, or write a default in the code.",
    )


def _refuse_constant(constant: str) -> NoReturn:
    raise Failure("invalid_inputs", f"The inputs contain {constant}, which JSON does not have. Write null.")


def _check_depth(value: Any) -> None:
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            _refuse_depth()
        level = [
            item
            for one in level
            for item in (one.values() if type(one) is dict else one)
            if type(item) in _CONTAINERS
        ]


def _refuse_depth() -> NoReturn:
    raise Failure(
        "invalid_inputs", f"The inputs are nested more than {MAX_DEPTH} levels deep. Write flatter values."
    )
