"""What turns texts into vectors, and which models there are."""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from doitkit.core.errors import MissingExtraError, ModelError
from doitkit.curate.semantic.static import static_model
from doitkit.recipe.diagnostics import did_you_mean

_SHIPPED = {
    "wordllama": (
        Path("weights") / "l2_supercat_256.safetensors",
        Path("tokenizers") / "l2_supercat_tokenizer_config.json",
    )
}
"""Packages that ship a static model: its table, and its tokenizer.

The package itself is never imported. On import it sets up the logging of the whole process, and
its own loader asks the network for the tokenizer that lies beside it.
"""


class Embedder(Protocol):
    """Turns texts into vectors; the more alike two texts are, the larger their cosine."""

    @property
    def address(self) -> str:
        """The hash of all that its vectors depend on."""

    @property
    def dimensions(self) -> int:
        """How many numbers a vector has."""

    def vectors(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return a vector for each text, shape (n, dimensions); 0 for one that it cannot read.

        Only the direction counts. It does not depend on the other texts.
        """


def load_embedder(model: str, folder: Path) -> Embedder:
    """Return the model of this name, or the one that lies in a folder.

    Parameters
    ----------
    model
        `wordllama`, or a folder that holds `model.safetensors` and `tokenizer.json`.
    folder
        What `model` is relative to.

    Raises
    ------
    MissingExtraError
        If the extra [semantic] is not installed.
    ModelError
        If there is no such model, or it is not a static one.
    """
    if model in _SHIPPED:
        return static_model(*_files_of(model))
    at = folder / model
    if not at.is_dir():
        raise ModelError(
            "the embedding model is neither a folder nor one that ships in a package",
            where=at,
            next_step=did_you_mean(model, _SHIPPED)
            or f"say `model: {next(iter(_SHIPPED))}`, or correct the path (relative to the recipe)",
        )
    return static_model(at / "model.safetensors", at / "tokenizer.json")


def _files_of(package: str) -> tuple[Path, Path]:
    found = find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise MissingExtraError(f"the embedding model `{package}` is not here", extra="semantic")
    root = Path(found.submodule_search_locations[0])
    table, tokenizer = _SHIPPED[package]
    return root / table, root / tokenizer
