"""Rows that are at hand already, curated as a build would."""

import shutil
import tempfile
import weakref
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from doitkit.core.engine import ThisProcess
from doitkit.core.memory import usual_memory
from doitkit.core.origins import Cell
from doitkit.core.progress import SILENT
from doitkit.core.records import Record
from doitkit.core.store import Store
from doitkit.recipe.curation import Curation
from doitkit.source import Meant
from doitkit.survey.curated import Curated, curated
from doitkit.survey.read import SourceRows, write_rows
from doitkit.survey.semantic import embedder_of
from doitkit.survey.shards import Shards
from doitkit.survey.tokens import TokenCounter


def curate_rows(
    sources: Mapping[str, tuple[Cell, Iterable[Meant]]],
    items: Sequence[Record],
    curation: Curation,
) -> Curated:
    """Curate the rows of some sources against evaluation items.

    They lie in a temporary folder for as long as the result is held.

    Parameters
    ----------
    sources
        Of each source, its ability and origin, and its rows.
    """
    folder = Path(tempfile.mkdtemp(prefix="doitkit-"))
    try:
        found = []
        for name, (cell, pieces) in sources.items():
            rows = SourceRows(name, cell.ability, cell.origin, None, None, folder / "rows" / name)
            rows.folder.mkdir(parents=True)
            write_rows(rows.folder, name, pieces, curation)
            found.append(rows)
        result = curated(
            Store(folder / "steps"),
            Shards(tuple(found)),
            items,
            curation,
            counter=TokenCounter(),
            embedder=embedder_of(curation, Path()),
            memory=usual_memory(),
            progress=SILENT,
            engine=ThisProcess(),
        )
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    weakref.finalize(result, shutil.rmtree, folder, ignore_errors=True)
    return result
