"""Files of about a megabyte that were written to exhaust whoever reads them, and their measure.

Run as `python -m tests.recipe.hostile FOLDER`, it loads the recipes of a folder, each in a process
of its own, and prints what that took, as JSON.
"""

import json
import os
import resource
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

SIZE = 1_000_000
VALUES = 29_000
"""A little less than a recipe may hold: so much is read, and checked, to the last value."""

HEAD = """\
doitkit: 1
name: hostile
sources:
  a: {path: a.jsonl, format: prompt_completion, origin: human%s}
abilities:
  math:
    sources: [a]
    evaluate: {path: b.jsonl, format: prompt_completion, metric: exact_match%s}
"""
RECIPE = HEAD % ("", "")


def _filled(piece: Callable[[int], str], size: int = SIZE) -> str:
    parts: list[str] = []
    length = 0
    while length < size:
        parts.append(piece(len(parts)))
        length += len(parts[-1])
    return "".join(parts)


def _bomb() -> str:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    for before, name in zip("abcdefghij", "bcdefghijk", strict=True):
        lines.append(f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]")
    return "\n".join(lines)


def _sources(count: int, source: str, ability: str) -> str:
    """Return a recipe of many sources, each of an ability of its own."""
    sources = "".join(f"  s{i}: {{{source.replace('#', str(i))}}}\n" for i in range(count))
    abilities = "".join(f"  a{i}: {{{ability.replace('#', str(i))}}}\n" for i in range(count))
    return f"doitkit: 1\nname: hostile\nsources:\n{sources}abilities:\n{abilities}"


def _where(expression: str) -> str:
    return HEAD % (f", where: '{expression}'", "")


def _columns(expressions: list[str]) -> str:
    """Return a recipe of many sources with an expression each."""
    pairs = enumerate(expressions)
    sources = "".join(
        f"  s{i}: {{path: a, format: alpaca, origin: human, where: '{text}'}}\n"
        for i, text in pairs
    )
    names = ", ".join(f"s{i}" for i in range(len(expressions)))
    return (
        f"doitkit: 1\nname: hostile\nsources:\n{sources}abilities:\n"
        f"  a: {{sources: [{names}], evaluate: {{path: b, format: alpaca, metric: exact_match}}}}\n"
    )


def _pattern(pattern: str) -> str:
    return HEAD % ("", f", extract: '{pattern}'")


GOOD_SOURCE = "path: a#, format: messages, origin: human"
GOOD_ABILITY = "sources: [s#], evaluate: {path: b#, format: messages, metric: bits_per_byte}"

FILES: dict[str, Callable[[], str]] = {
    # Deep.
    "brackets": lambda: "a: " + "[" * SIZE,
    "braces": lambda: "{a: " * (SIZE // 4),
    "dashes": lambda: "- " * (SIZE // 2),
    "question marks": lambda: "? " * (SIZE // 2),
    "indentation": lambda: "".join(" " * i + "a:\n" for i in range(1400)),
    # Aliases.
    "alias bomb": _bomb,
    "alias chain": lambda: "a0: &a0 [x]\n" + _filled(lambda i: f"a{i + 1}: &a{i + 1} [*a{i}]\n"),
    "aliases of a big block": lambda: "a: &a [" + "1," * 9_000 + "]\nb: [" + "*a," * 9_000 + "]\n",
    "anchors": lambda: _filled(lambda i: f"k{i}: &k{i} x\n"),
    # Wide.
    "tiny keys": lambda: _filled(lambda i: f"k{i}: 1\n"),
    "tiny keys in braces": lambda: "{" + _filled(lambda i: f"k{i}: 1,") + "}",
    "a list": lambda: "a: [" + "1," * (SIZE // 2) + "]",
    "empty blocks": lambda: "a: [" + "{}," * (SIZE // 3) + "]",
    "empty elements": lambda: "-\n" * (SIZE // 2),
    # Giant.
    "a giant key": lambda: "k" * SIZE + ": 1\n",
    "a giant key in quotes": lambda: '"' + "k" * SIZE + '": 1\n',
    "a giant key after a mark": lambda: "? " + "k" * SIZE + "\n: 1\n",
    "a giant unknown key": lambda: f"{RECIPE}? {'k' * SIZE}\n: 1\n",
    "a giant text": lambda: f"{RECIPE}description: {'x' * SIZE}",
    "a giant name": lambda: RECIPE.replace("hostile", "x" * SIZE),
    "a giant word": lambda: f"{RECIPE}use: {'x' * SIZE}",
    "a giant text of many lines": lambda: f"{RECIPE}description:\n" + "  x\n" * (SIZE // 4),
    "a giant block of text": lambda: f"{RECIPE}description: |\n" + "  x\n" * (SIZE // 4),
    "escapes": lambda: f'{RECIPE}description: "' + "\\n" * (SIZE // 2) + '"',
    "a giant tag": lambda: f"a: !{'x' * SIZE} 1",
    "a giant anchor": lambda: f"a: &{'x' * SIZE} 1",
    "a giant alias": lambda: f"a: *{'x' * SIZE}",
    "a giant directive": lambda: "%" + "x" * SIZE,
    "a giant profile": lambda: f"{RECIPE}train: {{base_model: m, profile: {'x' * SIZE}}}",
    "a giant recipe to extend": lambda: f"{RECIPE}extends: {'x' * SIZE}",
    "a giant licence": lambda: HEAD % (f", license: {'NC ' * (SIZE // 3)}", "") + "use: commercial",
    "a giant path": lambda: RECIPE.replace("a.jsonl", "../" * (SIZE // 3)),
    # Nothing.
    "comments": lambda: RECIPE + "# x\n" * (SIZE // 4),
    "empty lines": lambda: RECIPE + "\n" * SIZE,
    "blanks": lambda: RECIPE + " " * SIZE,
    "quotes": lambda: "'" * SIZE,
    "stars": lambda: "a: " + "*" * SIZE,
    # Numbers.
    "a huge number": lambda: f"{RECIPE}seed: {'9' * SIZE}",
    "huge numbers": lambda: f"{RECIPE}ladder: {{sizes: [{', '.join(['9' * 390] * 2500)}]}}",
    "huge fractions": lambda: (
        f"{RECIPE}ladder: {{sizes: [{', '.join(['9' * 390 + '.5'] * 2500)}]}}"
    ),
    "huge prices": lambda: f"{RECIPE}prices: {{human: {{per_row: {'9' * 390}}}}}",
    "many numbers": lambda: f"{RECIPE}ladder: {{sizes: [{'7, ' * VALUES}]}}",
    # A hundred thousand problems.
    "keys that repeat": lambda: "a: 1\n" * (SIZE // 5),
    "merge keys": lambda: "a: &a {x: 1}\n" + "<<: *a\n" * (SIZE // 7),
    "tags": lambda: "a: [" + "!x 1," * (SIZE // 5) + "]",
    "unknown keys": lambda: RECIPE + "".join(f"unknown_key_{i}: 1\n" for i in range(VALUES)),
    "nearly known keys": lambda: RECIPE + "".join(f"descriptio{i}: 1\n" for i in range(VALUES)),
    "empty sources": lambda: _sources(VALUES // 2, "", ""),
    "sources with nothing right": lambda: _sources(
        VALUES // 7, "path: 3, orgin: x, format: y", "source: x, evaluate: no"
    ),
    "sources that nothing uses": lambda: RECIPE.replace(
        "abilities:", "".join(f"  s{i}: {{{GOOD_SOURCE}}}\n" for i in range(7_000)) + "abilities:"
    ),
    "abilities of unknown sources": lambda: _sources(
        2_600, GOOD_SOURCE, GOOD_ABILITY.replace("s#", "t#")
    ),
    "unknown abilities": lambda: (
        RECIPE
        + "mixture: {counts: {"
        + "".join(f"b{i}: {{human: 1}}, " for i in range(14_000))
        + "}}"
    ),
    "unknown origins": lambda: (
        RECIPE
        + "mixture: {counts: {"
        + "".join(f"b{i}: {{humans: 1}}, " for i in range(14_000))
        + "}}"
    ),
    "mixtures of unknown abilities": lambda: (
        _sources(1_500, GOOD_SOURCE, GOOD_ABILITY)
        + "ladder: {sizes: [1], designs: [{design: explicit, mixtures: {"
        + "".join(f"m{i}: {{counts: {{b: {{human: 1}}}}}}, " for i in range(3_000))
        + "}}]}"
    ),
    "unset variables": lambda: f"{RECIPE}data_root: '{'${ENV:DOITKIT_NO_SUCH}' * (SIZE // 22)}'",
    "variables that are none": lambda: f"{RECIPE}data_root: '{'${ENV:' * (SIZE // 6)}'",
    "variables where none may stand": lambda: (
        RECIPE
        + "ladder: {models: {"
        + "".join(f"m{i}: '${{ENV:X}}', " for i in range(VALUES))
        + "}}"
    ),
    "settings of lists": lambda: RECIPE + "tracking: [" + "{a: [b]}," * (VALUES // 3) + "]",
    # Much that is right.
    "good sources": lambda: _sources(2_600, GOOD_SOURCE, GOOD_ABILITY),
    "sources that are all warned of": lambda: (
        _sources(1_600, "path: [x, 'b*'], format: messages, origin: synthetic", GOOD_ABILITY)
        + "use: commercial\n"
    ),
    "good mixtures": lambda: (
        _sources(1_500, GOOD_SOURCE, GOOD_ABILITY)
        + "ladder: {sizes: [1], designs: [{design: explicit, mixtures: {"
        + "".join(f"m{i}: {{counts: {{a{i % 1500}: {{human: 1}}}}}}, " for i in range(3_000))
        + "}}]}"
    ),
    "paths": lambda: RECIPE.replace("a.jsonl", "[" + "a.jsonl, " * (VALUES - 20) + "]"),
    # Expressions.
    "brackets in SQL": lambda: _where("(" * 4_900 + "1" + ")" * 4_900),
    "many brackets in SQL": lambda: _where("(" * (SIZE // 2)),
    "a long sum in SQL": lambda: _where("1" + "+1" * 4_900),
    "a very long sum in SQL": lambda: _where("1" + "+1" * (SIZE // 2)),
    "long sums in SQL": lambda: _columns([f"{i}" + "+1" * 490 for i in range(1_000)]),
    "sums in SQL": lambda: _columns([f"{i}" + "+1" * 90 for i in range(4_700)]),
    "texts joined in SQL": lambda: _columns([f"x{i}" + '||"1"' * 190 for i in range(900)]),
    "NOT in SQL": lambda: _where("not " * 400 + "a"),
    "minus in SQL": lambda: _where("- " * 490 + "a"),
    "CASE in SQL": lambda: _where("case when a then " * 400 + "1" + " end" * 400),
    "calls in SQL": lambda: _where("upper(" * 450 + "a" + ")" * 450),
    "wrong SQL": lambda: _columns([f"a{i} +" for i in range(4_700)]),
    "SQL in quotes": lambda: _where('"' + "a" * 9_000 + '"'),
    "good SQL": lambda: _columns([f"a + {i} > 3 AND b LIKE ''%x%''" for i in range(4_700)]),
    "groups in a pattern": lambda: _pattern("(" * 40_000 + "a" + ")" * 40_000),
    "a few groups in a pattern": lambda: _pattern("(" * 50 + "a" + ")" * 50),
    "repeats in a pattern": lambda: _pattern("(" * 40 + "a" + "{1,999})" * 40),
    "a repeat without end in a pattern": lambda: _pattern("(a{1,99999999999999999})"),
    "alternatives in a pattern": lambda: _pattern(_filled(lambda i: f"a{i}|")),
    "a pattern that runs long": lambda: _pattern("((a+)+)+$"),
    "a class in a pattern": lambda: _pattern("([[a-z]&&[a]])"),
    "looking back in a pattern": lambda: _pattern("(?<=" * 50 + ")" * 50),
    # Extends.
    "many recipes to extend": lambda: RECIPE + "extends: [" + _filled(lambda i: f"x{i}, ") + "]",
    "one shipped recipe many times": lambda: RECIPE + "extends: [" + "demo, " * 20_000 + "]",
    "itself many times": lambda: RECIPE + "extends: [" + "hostile.yaml, " * 20_000 + "]",
}


@dataclass(frozen=True)
class Taken:
    """What reading a file took, and what was said of it."""

    cpu_s: float
    mebibytes: float
    answer: str


def measured(folder: Path) -> dict[str, Taken]:
    """Return what loading each recipe of a folder takes, in a process of its own."""
    command = [sys.executable, "-m", "tests.recipe.hostile", str(folder)]
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    return {name: Taken(**taken) for name, taken in json.loads(done.stdout).items()}


def _main(folder: Path) -> None:
    import doitkit.recipe  # noqa: F401 - what comes after counts from here

    taken: dict[str, dict[str, object]] = {}
    for file in sorted(folder.glob("*.yaml")):
        found = file.with_suffix(".json")
        child = os.fork()
        if child == 0:
            resource.setrlimit(resource.RLIMIT_CPU, (30, 30))
            found.write_text(json.dumps(_load(file)), encoding="utf-8")
            os._exit(0)
        os.waitpid(child, 0)
        killed = {"cpu_s": 30.0, "mebibytes": 0.0, "answer": "killed"}
        taken[file.stem] = json.loads(found.read_text()) if found.exists() else killed
    print(json.dumps(taken))


def _load(file: Path) -> dict[str, object]:
    from doitkit.core.errors import RecipeError
    from doitkit.recipe import load_recipe

    cpu, mebibytes = time.process_time(), _peak()
    answer = "loaded"
    try:
        load_recipe(file)
    except RecipeError as error:
        answer = str(error)
    except BaseException:
        answer = traceback.format_exc()
    return {
        "cpu_s": time.process_time() - cpu,
        "mebibytes": _peak() - mebibytes,
        "answer": answer,
    }


def _peak() -> float:
    """Return the most memory that this process ever held, in MiB.

    That which Linux tells in `ru_maxrss` would be that of the process that started this one.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if "VmHWM" in line)
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
