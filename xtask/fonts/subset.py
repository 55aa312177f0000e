"""Cuts the typefaces into the pieces a page loads: subset.py NODE_MODULES OUTPUT_FOLDER

Every face becomes a core piece (what an English or French page of numbers needs) and pieces that a
browser fetches only when a page shows one of their characters. Together they hold every character
of the face. Writes WOFF2 files, fonts.css with their @font-face rules, the licences, and IBM Plex
Sans as TTF for the pictures that the server draws.
"""

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

# In the order in which a character is looked for; the last piece takes what is left.
PIECES: list[tuple[str, list[range]]] = [
    (
        "core",
        [
            range(0x0100),  # Basic Latin, Latin-1
            range(0x0152, 0x0154),  # Œ œ
            range(0x0178, 0x0179),  # Ÿ
            range(0x02C6, 0x02DD),  # spacing accents
            range(0x2000, 0x20A0),  # punctuation, superscripts, subscripts
            range(0x20AC, 0x20AD),  # €
            range(0x2116, 0x2127),  # № ™ Ω
            range(0x2190, 0x21E0),  # arrows
            range(0x2200, 0x2300),  # mathematical operators
            range(0x2713, 0x2714),  # ✓
            range(0xFEFF, 0x10000),
        ],
    ),
    ("greek", [range(0x0370, 0x0400), range(0x1F00, 0x2000)]),
    ("latin-ext", [range(0x0100, 0x0370), range(0x1E00, 0x1F00)]),
    ("rest", [range(sys.maxunicode + 1)]),
]

# Ligatures and contextual shapes are off in code, so their glyphs are left out of every piece.
FEATURES = [
    "ccmp", "locl", "mark", "mkmk", "kern", "zero", "frac", "numr", "dnom", "ordn", "sups", "subs", "sinf", "case",
]  # fmt: skip


@dataclass(frozen=True)
class Face:
    """One weight of one family."""

    family: str
    slug: str
    weight: int
    source: str


FACES = [
    *(
        Face("IBM Plex Sans", "ibm-plex-sans", weight, f"@ibm/plex-sans/fonts/complete/woff2/IBMPlexSans-{style}.woff2")
        for weight, style in [(400, "Regular"), (500, "Medium"), (600, "SemiBold")]
    ),
    *(
        Face("JetBrains Mono", "jetbrains-mono", weight, f"jetbrains-mono/fonts/webfonts/JetBrainsMono-{style}.woff2")
        for weight, style in [(400, "Regular"), (500, "Medium")]
    ),
]

# What the server needs to draw text in a bitmap.
BITMAP_STYLES = ["Regular", "SemiBold"]


def pieces_of(characters: set[int]) -> dict[str, list[int]]:
    """Shares out the characters of a face; each goes to exactly one piece."""
    left = set(characters)
    shares: dict[str, list[int]] = {}
    for name, ranges in PIECES:
        share = sorted(c for c in left if any(c in r for r in ranges))
        if share:
            shares[name] = share
            left -= set(share)
    assert not left, f"no piece holds {sorted(left)}"
    return shares


def unicode_range(characters: list[int]) -> str:
    """Writes sorted code points as the value of the CSS descriptor `unicode-range`."""
    spans: list[list[int]] = []
    for c in characters:
        if spans and c == spans[-1][1] + 1:
            spans[-1][1] = c
        else:
            spans.append([c, c])
    return ",".join(f"U+{low:X}" if low == high else f"U+{low:X}-{high:X}" for low, high in spans)


def cut(source: Path, characters: list[int], target: Path) -> None:
    """Writes one piece of a face."""
    options = Options()
    options.flavor = "woff2"
    options.layout_features = FEATURES
    options.notdef_outline = True
    # "Plex" is a reserved name of its licence: a piece is a modified version and gives its copyright, not its name.
    options.name_IDs = [0, 13]
    options.drop_tables += ["meta"]
    font = TTFont(source)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)
    font.flavor = "woff2"
    font.save(target)


def rule(face: Face, file: str, characters: list[int]) -> str:
    return (
        f'@font-face{{font-family:"{face.family}";font-style:normal;font-weight:{face.weight};font-display:swap;'
        f'src:url("fonts/{file}") format("woff2");unicode-range:{unicode_range(characters)}}}\n'
    )


def licences(modules: Path, out: Path) -> None:
    """Both families are under the SIL Open Font License; only the copyright line differs."""
    plex = (modules / "@ibm/plex-sans/LICENSE.txt").read_text(encoding="utf-8")
    (out / "LICENSE-IBM-Plex-Sans.txt").write_text(plex, encoding="utf-8")
    terms = plex[plex.index("This Font Software is licensed") :]
    mono = TTFont(modules / FACES[-1].source)["name"].getDebugName(0)
    (out / "LICENSE-JetBrains-Mono.txt").write_text(f"{mono}\n\n{terms}", encoding="utf-8")


def main(modules: Path, out: Path) -> None:
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    rules = []
    for face in FACES:
        characters = set(TTFont(modules / face.source).getBestCmap())
        for piece, share in pieces_of(characters).items():
            file = f"{face.slug}-{face.weight}-{piece}.woff2"
            cut(modules / face.source, share, out / file)
            rules.append(rule(face, file, share))
    for style in BITMAP_STYLES:
        font = TTFont(modules / f"@ibm/plex-sans/fonts/complete/woff2/IBMPlexSans-{style}.woff2")
        font.flavor = None
        font.save(out / f"IBMPlexSans-{style}.ttf")
    licences(modules, out)
    (out / "fonts.css").write_text("".join(rules), encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: subset.py NODE_MODULES OUTPUT_FOLDER")
    main(Path(sys.argv[1]), Path(sys.argv[2]))
