"""What a Dockerfile says of its last stage: the image as a container engine would start it."""

import json
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Image:
    """The last stage's settings, and the base of every stage."""

    bases: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    entrypoint: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)
    user: str = ""
    port: int = 0

    @classmethod
    def read(cls, path: Path) -> "Image":
        image = cls()
        for word, rest in instructions(path.read_text()):
            image.apply(word, rest)
        return image

    def apply(self, word: str, rest: str) -> None:
        match word:
            case "FROM":
                # What was said before belongs to another stage.
                self.__init__(bases=[*self.bases, rest.split()[0]])  # type: ignore[misc]
            case "ENV":
                self.environment |= dict(pair.split("=", 1) for pair in shlex.split(rest))
            case "ENTRYPOINT":
                self.entrypoint = json.loads(rest)
            case "CMD":
                self.command = json.loads(rest)
            case "HEALTHCHECK":
                self.health = json.loads(rest[rest.index("[") :])
            case "USER":
                self.user = rest
            case "EXPOSE":
                self.port = int(rest)


def instructions(text: str) -> list[tuple[str, str]]:
    """Instruction and arguments of each line, continued lines joined and comments left out."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\s*\n\s*", " ", "\n".join(lines))
    return [(line.split(None, 1)[0], line.split(None, 1)[1]) for line in joined.splitlines() if line.strip()]
