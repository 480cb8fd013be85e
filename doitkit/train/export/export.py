"""Writing a mixture into a folder for a trainer outside of doitkit."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from doitkit.build import Dataset
from doitkit.core.errors import UsageError
from doitkit.core.files import folder_written_aside, write_json
from doitkit.core.version import VERSION
from doitkit.mix import Mixture
from doitkit.recipe.model import Recipe
from doitkit.train.export.axolotl import AXOLOTL
from doitkit.train.export.folder import MANIFEST_FILE, hashed, make_room, require_room, sweep
from doitkit.train.export.llama_factory import LLAMA_FACTORY
from doitkit.train.export.openai_chat import OPENAI
from doitkit.train.export.target import DATA_FILE, Settings, Target, UnfitError
from doitkit.train.export.trl import TRL

TARGETS: Mapping[str, Target] = {
    "axolotl": AXOLOTL,
    "llama-factory": LLAMA_FACTORY,
    "trl": TRL,
    "openai": OPENAI,
}

PROVENANCE_FILE = "provenance.parquet"
REJECTS_FILE = "rejects.jsonl"
README_FILE = "README.txt"
_NOT_STATED = "not stated"


@dataclass(frozen=True)
class Exported:
    """What lies in a folder for a trainer.

    Attributes
    ----------
    rows
        How many were written.
    rejected
        Why others were not, and how many of them.
    """

    folder: str
    to: str
    mixture: str
    dataset_id: str
    rows: int
    rejected: dict[str, int]
    files: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return asdict(self)


def export_mixture(
    recipe: Recipe, dataset: Dataset, mixture: Mixture, to: str, folder: Path
) -> Exported:
    """Write the rows of a mixture, and the recipe's training settings, for a trainer.

    A row that the trainer's form cannot hold is left out, and named with its reason in
    `rejects.jsonl`. `provenance.parquet` says of each line of `train.jsonl` where it came from.

    Parameters
    ----------
    to
        One of `TARGETS`.
    folder
        A new folder, an empty one, or one that such an export has written and nobody has changed:
        that is replaced.

    Raises
    ------
    UsageError
        If something else lies in the folder, the recipe does not say how to train where that is
        needed, or there are too few rows for the trainer.
    PlanError
        If the mixture holds more rows than were built.
    """
    target = _target(to)
    require_room(folder)
    beside = {} if target.files is None else target.files(Settings.of(recipe))
    rows = dataset.rows_of(mixture)
    sweep(folder)
    with folder_written_aside(folder) as aside:
        kept, rejects = _write_rows(rows, target, aside)
        if len(kept) < target.least:
            raise _too_few(mixture, target, len(kept), rejects)
        written = rows[kept]
        _provenance(written).write_parquet(aside / PROVENANCE_FILE)
        for name, text in beside.items():
            (aside / name).write_text(text, encoding="utf-8")
        manifest = {
            "doitkit": VERSION,
            "exported_for": to,
            "recipe": recipe.name,
            "mixture": mixture.name,
            "dataset_id": dataset.id_of(mixture),
            "rows": written.height,
            "rows_by": _counts(written),
            "licenses": _licenses(written),
            "rejected": dict(sorted(rejects.items())),
        }
        (aside / README_FILE).write_text(_readme(target, manifest), encoding="utf-8")
        manifest["files"] = hashed(aside)
        write_json(aside / MANIFEST_FILE, manifest)
        make_room(folder, manifest)
    return Exported(
        str(folder),
        to,
        mixture.name,
        str(manifest["dataset_id"]),
        written.height,
        dict(rejects),
        tuple(sorted([*hashed(folder), MANIFEST_FILE])),
    )


def _target(to: str) -> Target:
    target = TARGETS.get(to)
    if target is None:
        raise UsageError(
            f"there is no export for `{to}`", next_step=f"one of: {', '.join(TARGETS)}"
        )
    return target


def _write_rows(rows: pl.DataFrame, target: Target, aside: Path) -> tuple[list[int], Counter[str]]:
    """Write the rows; return the places of those that were, and why others were not."""
    kept: list[int] = []
    rejects: list[dict[str, Any]] = []
    with (aside / DATA_FILE).open("w", encoding="utf-8") as stream:
        for place, row in enumerate(rows.iter_rows(named=True)):
            try:
                told = target.row(row["messages"])
            except UnfitError as error:
                rejects.append(_reject(row, str(error)))
                continue
            kept.append(place)
            stream.write(json.dumps(told, ensure_ascii=False) + "\n")
    if rejects:
        lines = "".join(json.dumps(reject, ensure_ascii=False) + "\n" for reject in rejects)
        (aside / REJECTS_FILE).write_text(lines, encoding="utf-8")
    return kept, Counter(reject["reason"] for reject in rejects)


def _reject(row: Mapping[str, Any], reason: str) -> dict[str, Any]:
    place = json.loads(row["meta"] or "{}")
    return {
        "id": row["id"],
        "source": row["source"],
        "file": place.get("file"),
        "line": place.get("line"),
        "reason": reason,
    }


def _provenance(rows: pl.DataFrame) -> pl.DataFrame:
    columns = ["id", "ability", "origin", "source", "generator", "license"]
    return rows.select(columns).with_row_index("line", offset=1)


def _counts(rows: pl.DataFrame) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for (ability, origin), n in Counter(rows.select("ability", "origin").rows()).items():
        found.setdefault(ability, {})[origin] = n
    return found


def _licenses(rows: pl.DataFrame) -> dict[str, int]:
    return dict(sorted(Counter(text or _NOT_STATED for text in rows["license"]).items()))


def _too_few(mixture: Mixture, target: Target, kept: int, rejects: Counter[str]) -> UsageError:
    lost = f"; {sum(rejects.values())} were left out: {'; '.join(rejects)}" if rejects else ""
    return UsageError(
        f"{kept} rows are too few: {target.title} takes {target.least} at least",
        where=f"mixture `{mixture.name}`{lost}",
        next_step="export a larger mixture",
    )


def _readme(target: Target, manifest: Mapping[str, Any]) -> str:
    cells = [
        f"    {n:>9,}  {ability}, {origin}"
        for ability, origins in manifest["rows_by"].items()
        for origin, n in origins.items()
    ]
    licenses = [f"    {n:>9,}  {name}" for name, n in manifest["licenses"].items()]
    rejected = [f"    {n:>9,}  {reason}" for reason, n in manifest["rejected"].items()]
    of = f"Recipe {manifest['recipe']}, mixture {manifest['mixture']}, "
    of += f"dataset {manifest['dataset_id']}."
    parts = [
        f"Rows for {target.title}, written by doitkit {manifest['doitkit']}.",
        of,
        target.use.rstrip(),
        "\n".join([f"{manifest['rows']:,} rows:", *cells]),
        "\n".join(["Licences, as the recipe states them:", *licenses]),
    ]
    if rejected:
        parts.append("\n".join([f"Left out, and named in {REJECTS_FILE}:", *rejected]))
    parts.append(
        f"{PROVENANCE_FILE} says of each line of {DATA_FILE} which record it is, of which ability "
        f"and origin,\nfrom which source, and under which licence. {MANIFEST_FILE} holds the "
        "hashes of the files."
    )
    return "\n\n".join(parts) + "\n"
