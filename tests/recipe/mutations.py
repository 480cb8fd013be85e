"""Slips of the pen: what people, and worse, do to the text of a recipe."""

import random

_CHARACTERS = "\t :-'\"[]{}#&*!|>%@`,?~\\\n\r\0\x1b\x85\u2028\ufeffaé漢0.=$"
_LINES = (
    "extends: demo", "<<: *x", "- ", "  - - a", "x: &x [1]", "y: *x", "---", "...", "%YAML 1.1",
    "train: {base_model: m}", "mixture: {total: 5}", "advise: {budget: 1}", "paired: true",
    "prices: {human: {per_row: 1e400}}", "seed: " + "9" * 50, "use: commercial", "ladder:",
    "sources: {}", "abilities: []", "data_root: ${ENV:X}", "curate: {dedup: none}",
)  # fmt: skip
_VALUES = (
    "", "~", "null", "yes", "-1", "0", "1e308", "1e-320", "99999999999999999999", "50%", "1,000",
    "[]", "{}", "[[1]]", "{a: {b: c}}", "'", "a: b", "*x", "!!binary aa", "${ENV:NO_SUCH}", "../x",
    "/etc/passwd", "hf://datasets/a/b/c", "1 +", "(" * 50, "\"\\0\"", "\"\\ud800\"", "none",
)  # fmt: skip


def mutated(text: str, chance: random.Random) -> str:
    """Return `text` with one slip in it."""
    slip = chance.choice((_character, _character, _line, _value, _span))
    return slip(text, chance)


def _character(text: str, chance: random.Random) -> str:
    at = chance.randrange(len(text) + 1)
    put = chance.choice(_CHARACTERS) if chance.random() < 0.7 else ""
    return text[:at] + put + text[at + chance.randrange(2) :]


def _line(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    at = chance.randrange(len(lines))
    kind = chance.randrange(5)
    if kind == 0:
        del lines[at]
    elif kind == 1:
        lines.insert(at, chance.choice(lines))
    elif kind == 2:
        lines.insert(at, " " * chance.randrange(6) + chance.choice(_LINES))
    elif kind == 3:
        lines[at] = " " * chance.randrange(3) + lines[at].strip()
    else:
        other = chance.randrange(len(lines))
        lines[at], lines[other] = lines[other], lines[at]
    return "\n".join(lines)


def _value(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    at = chance.randrange(len(lines))
    key, colon, _ = lines[at].partition(": ")
    lines[at] = f"{key}{colon or ': '}{chance.choice(_VALUES)}"
    return "\n".join(lines)


def _span(text: str, chance: random.Random) -> str:
    begin, end = sorted(chance.randrange(len(text) + 1) for _ in range(2))
    end = min(end, begin + 200)
    if chance.random() < 0.5:
        return text[:begin] + text[end:]
    return text[:end] + text[begin:]
