"""Folders of data for drafts."""

import json
from pathlib import Path
from typing import Any

from doitkit.draft import Draft, Wishes, assemble, guess, look_around


def questions(count: int, start: int = 0, told: str = "It is") -> list[dict[str, Any]]:
    return [
        {"question": f"What is {i} and {i}?", "answer": f"{told} {2 * i}, of course."}
        for i in range(start, start + count)
    ]


def write(folder: Path, files: dict[str, list[dict[str, Any]]]) -> Path:
    for name, rows in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    return folder


def drafted(folder: Path, hold_out: int | None = None, **wishes: Any) -> Draft:
    looks = look_around(folder)
    return assemble(guess(looks, folder, Wishes.from_flags(**wishes)), folder, hold_out)
