"""The fields that classes of an installed package have, read as text: the package itself is never run.

Some packages that describe an interface completely are made for programs that use it. Their sources are lists of
fields with names, types, and whether they may be left out, which is all that a validator needs.
"""

import ast
from dataclasses import dataclass, field
from importlib.metadata import distribution
from pathlib import Path


@dataclass(frozen=True)
class Field:
    required: bool
    #: The classes of this package that its type names.
    classes: tuple[str, ...]
    #: As the source has it.
    type: str = ""


@dataclass
class Models:
    """Class by name, each with its fields by the name they have in files."""

    classes: dict[str, dict[str, Field]] = field(default_factory=dict)

    def problems(self, value: object, name: str, path: str = "") -> list[str]:
        """What in a value is no field of the class, and which fields it lacks; deep."""
        fields = self.classes[name]
        if not isinstance(value, dict):
            return [f"{path or name} is no object"]
        missing = [key for key, known in fields.items() if known.required and key not in value]
        found = [f"{path or name} has no {key}" for key in missing]
        for key, inner in value.items():
            if key not in fields:
                found.append(f"{path}.{key} does not exist")
                continue
            for part in inner if isinstance(inner, list) else [inner]:
                if isinstance(part, dict) and (of := fields[key].classes):
                    found += self.problems(part, of[0], f"{path}.{key}")
        return found


def read_pydantic(package: str, source: str) -> Models:
    """Models of one source file whose classes annotate their fields, with `Field(alias=…)` where files differ."""
    tree = ast.parse(text_of(package, source))
    models = Models()
    names = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            models.classes[node.name] = {
                alias(line): Field(
                    required=line.value is None and "Optional" not in ast.unparse(line.annotation),
                    classes=named(line.annotation, names),
                )
                for line in node.body
                if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name)
            }
    return models


def alias(line: ast.AnnAssign) -> str:
    for node in ast.walk(line):
        if isinstance(node, ast.keyword) and node.arg == "alias" and isinstance(node.value, ast.Constant):
            return str(node.value.value)
    assert isinstance(line.target, ast.Name)
    return line.target.id


def named(annotation: ast.expr, names: set[str]) -> tuple[str, ...]:
    """The classes that an annotation names, also within a string."""
    found = []
    for node in ast.walk(annotation):
        name = node.id if isinstance(node, ast.Name) else node.value if isinstance(node, ast.Constant) else None
        if isinstance(name, str) and name in names:
            found.append(name)
    return tuple(found)


def text_of(package: str, source: str) -> str:
    return path_of(package, source).read_text()


def path_of(package: str, source: str) -> Path:
    """A file of an installed package."""
    path = Path(str(distribution(package).locate_file(source)))
    assert path.exists(), f"{package} has no {source}"
    return path


def parameters(function: ast.FunctionDef, names: set[str]) -> dict[str, Field]:
    """A function's own parameters as fields."""
    found = {}
    arguments = function.args
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        annotation = argument.annotation or ast.Constant(None)
        found[argument.arg] = Field(default is None, named(annotation, names), ast.unparse(annotation))
    return found
