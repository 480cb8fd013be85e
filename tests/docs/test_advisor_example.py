"""The worked example of docs/advisor.md is run, and prints what stands there.

`DOITKIT_UPDATE_SNAPSHOTS=1 pytest tests/docs` writes what it prints now into the page; read the
difference, and the text around it, before you commit it.
"""

import os
import re
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

DOC = Path(__file__).resolve().parents[2] / "docs" / "advisor.md"
_BLOCKS = re.compile(r"(```python\n(.*?)```\n\n```text\n)(.*?)(```)", re.DOTALL)
_NUMBER = re.compile(r"-?\d[\d,]*\.?\d*")


def test_the_example_prints_what_stands_there() -> None:
    text = DOC.read_text(encoding="utf-8")
    namespace: dict[str, Any] = {}
    blocks = list(_BLOCKS.finditer(text))
    assert len(blocks) == text.count("```python\n") == 5
    printed = []
    for block in blocks:
        out = StringIO()
        with redirect_stdout(out):
            exec(compile(block[2], str(DOC), "exec"), namespace)
        printed.append(out.getvalue())
    if os.environ.get("DOITKIT_UPDATE_SNAPSHOTS"):
        now = iter(printed)
        DOC.write_text(_BLOCKS.sub(lambda b: b[1] + next(now) + b[4], text), encoding="utf-8")
        pytest.skip("written; read the difference")
    for block, out in zip(blocks, printed, strict=True):
        # Words and layout exactly; numbers nearly, since the last digits differ among machines.
        assert _NUMBER.sub("#", out) == _NUMBER.sub("#", block[3])
        for now, then in zip(_NUMBER.findall(out), _NUMBER.findall(block[3]), strict=True):
            assert _value(now) == _nearly(then)


def _value(number: str) -> float:
    return float(number.replace(",", ""))


def _nearly(number: str) -> object:
    """Return what compares as equal to numbers near this one; whole ones are rows."""
    if "." in number:
        return pytest.approx(_value(number), rel=0.05, abs=0.011)
    return pytest.approx(_value(number), rel=0.1, abs=50)
