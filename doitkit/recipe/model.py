"""The recipe: everything a team declares, as one immutable value."""

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, PrivateAttr, model_validator

from doitkit.core.origins import Cell, Origin
from doitkit.core.resources import shipped_folder
from doitkit.recipe.block import InconsistentError, Model, Name, Seed
from doitkit.recipe.data import (
    Ability,
    Curation,
    FileSource,
    Generator,
    Source,
    SynthesisCaps,
    SynthesizedSource,
)
from doitkit.recipe.experiment import Advice, Holdings, Ladder, Price, Scoring, Training


class Recipe(Model):
    """A whole recipe. Load one with `doitkit.load_recipe`."""

    doitkit: Literal[1] = Field(description="Version of the recipe language.")
    name: Name
    description: str | None = None
    seed: Seed = Field(default=0, description="Decides which rows are picked; nothing else does.")
    data_root: str = Field(
        default=".",
        description="Folder of the data files, relative to the recipe. ${ENV:NAME} is replaced.",
        examples=["${ENV:DOITKIT_DATA}/instructions"],
    )
    paired: bool = Field(
        default=False,
        description="Pick rows by prompt, not by row: human and synthetic picks of one size "
        "then answer the same prompts, which isolates the effect of who answered. Weights of "
        "sources do not apply.",
    )
    sources: dict[Name, Source] = Field(min_length=1)
    generators: dict[Name, Generator] = Field(default_factory=dict)
    caps: SynthesisCaps = Field(default_factory=SynthesisCaps)
    abilities: dict[Name, Ability] = Field(min_length=1)
    curate: Curation = Field(default_factory=Curation)
    mixture: Holdings = Field(
        default_factory=Holdings, description="The mixture of today; advice adds to it."
    )
    ladder: Ladder | None = None
    train: Training | None = None
    evaluate: Scoring = Field(default_factory=Scoring)
    prices: dict[Origin, Price] = Field(default_factory=dict, description="Origin -> price.")
    advise: Advice | None = None

    _file: Path | None = PrivateAttr(default=None)
    _data_root: Path | None = PrivateAttr(default=None)

    @model_validator(mode="before")
    @classmethod
    def _known_version(cls, data: Any) -> Any:
        if isinstance(data, dict) and "doitkit" not in data:
            raise InconsistentError(
                "the version of the recipe language is missing",
                next_step="begin the recipe with `doitkit: 1`",
            )
        return data

    @property
    def file(self) -> Path:
        """The file that the recipe was loaded from."""
        if self._file is None:
            raise ValueError("this recipe was not loaded from a file")
        return self._file

    @property
    def folder(self) -> Path:
        """The folder against which the recipe's paths are read.

        That of its file; for a recipe that ships with doitkit, the working directory.
        """
        if self._file is None or self._file.is_relative_to(shipped_folder("recipes")):
            return Path.cwd()
        return self._file.parent

    @property
    def data_folder(self) -> Path:
        """The folder of the data files, resolved."""
        return self._data_root if self._data_root is not None else self.folder / self.data_root

    def file_sources(self) -> dict[str, FileSource]:
        """Return the sources that exist as files, by name."""
        return {n: s for n, s in self.sources.items() if isinstance(s, FileSource)}

    def synthesized_sources(self) -> dict[str, SynthesizedSource]:
        """Return the sources that doitkit generates, by name."""
        return {n: s for n, s in self.sources.items() if isinstance(s, SynthesizedSource)}

    def cells(self) -> list[Cell]:
        """Return every (ability, origin) that has a source, in the recipe's order."""
        found: dict[Cell, None] = {}
        for name, ability in self.abilities.items():
            for source in ability.sources:
                found[Cell(name, self.sources[source].origin)] = None
        return list(found)
