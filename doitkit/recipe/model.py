"""The recipe: everything a team declares, as one immutable value."""

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, PrivateAttr, model_validator

from doitkit.core.addresses import remote_address
from doitkit.core.origins import Cell
from doitkit.core.resources import shipped_folder
from doitkit.recipe.amounts import Amounts
from doitkit.recipe.block import InconsistentError, Model, Name, Seed
from doitkit.recipe.curation import Curation
from doitkit.recipe.data import (
    Ability,
    EvaluationSet,
    FileSource,
    Generator,
    Source,
    SynthesizedSource,
)
from doitkit.recipe.diagnostics import Problem
from doitkit.recipe.document import Document
from doitkit.recipe.environment import from_environment
from doitkit.recipe.ladder import Ladder
from doitkit.recipe.prices import Advice, Caps, Prices
from doitkit.recipe.training import Scoring, Tracking, Training


class Recipe(Model):
    """A whole recipe. Load one with `doitkit.load_recipe`."""

    doitkit: Literal[1] = Field(description="Version of the recipe language.")
    extends: str | list[str] | None = Field(
        default=None,
        description="Recipes that this one is laid over: files relative to this one, or names of "
        "shipped recipes. Later ones win over earlier ones, and this file over all. Keys are "
        "merged; lists, and the block `mixture`, are replaced; an empty value takes a key away.",
        examples=["base.yaml", ["base.yaml", "gpu.yaml"]],
    )
    name: Name = Field(description="Name of the recipe, for display.", examples=["my-recipe"])
    description: str | None = Field(default=None, description="What the recipe is for.")
    use: Literal["commercial", "research"] | None = Field(
        default=None,
        description="What the trained models are for. With `commercial`, sources whose licence "
        "forbids that, or that state none, are warned of.",
    )
    seed: Seed = Field(default=0, description="Decides which rows are picked; nothing else does.")
    data_root: str = Field(
        default=".",
        description="Folder of the data files, relative to the recipe, or a data set on the Hub: "
        "hf://datasets/OWNER/NAME[@REVISION], or a folder of an object store: s3://BUCKET/FOLDER, "
        "gs:// or az://. ${ENV:NAME} is replaced.",
        examples=[
            "${ENV:DOITKIT_DATA}/instructions",
            "hf://datasets/owner/name@main",
            "s3://bucket/instructions",
        ],
    )
    paired: bool = Field(
        default=False,
        description="Pick rows by prompt, not by row: human and synthetic picks of one size "
        "then answer the same prompts, which isolates the effect of who answered. Weights of "
        "sources do not apply.",
    )
    sources: dict[Name, Source] = Field(
        min_length=1, description="Where rows come from: name -> files, or a generator's answers."
    )
    generators: dict[Name, Generator] = Field(
        default_factory=dict, description="Models that write answers for synthetic sources."
    )
    caps: Caps = Field(default_factory=Caps, description="Hard limits on money, requests, hours.")
    abilities: dict[Name, Ability] = Field(
        min_length=1, description="What the model should be good at: name -> sources and items."
    )
    curate: Curation = Field(
        default_factory=Curation, description="What is done to rows before they are counted."
    )
    mixture: Amounts = Field(
        default_factory=Amounts, description="The mixture of today; advice adds to it."
    )
    ladder: Ladder | None = Field(default=None, description="The runs from which growth is read.")
    train: Training | None = Field(default=None, description="How a run is trained.")
    evaluate: Scoring = Field(default_factory=Scoring, description="How every run is scored.")
    prices: Prices = Field(
        default_factory=Prices,
        description="What rows and machine time cost.",
        examples=[{"human": {"per_row": 2.0}, "synthetic": {"per_row": 0.05}, "gpu_hour": 2.5}],
    )
    advise: Advice | None = Field(default=None, description="What may be bought, and what for.")
    tracking: Tracking | None = Field(
        default=None, description="Where else the records of runs go."
    )

    _file: Path | None = PrivateAttr(default=None)
    _data_root: str | Path | None = PrivateAttr(default=None)
    _text: str | None = PrivateAttr(default=None)
    _settings: tuple[str, ...] = PrivateAttr(default=())
    _document: Document | None = PrivateAttr(default=None)
    _warnings: tuple[Problem, ...] = PrivateAttr(default=())

    @model_validator(mode="before")
    @classmethod
    def _known_version(cls, data: Any) -> Any:
        if isinstance(data, dict) and "doitkit" not in data:
            raise InconsistentError(
                "the version of the recipe language is missing",
                code="E128",
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
    def data_folder(self) -> Path | str:
        """The folder of the data files, resolved; or its address, where it lies elsewhere."""
        given = self._data_root
        root = given if given is not None else from_environment(self.data_root)
        address = remote_address(root)
        if address is not None:
            return address
        return Path(root) if given is not None else self.folder / root

    @property
    def text(self) -> str | None:
        """The text of the file that the recipe was loaded from, if it was."""
        return self._text

    @property
    def texts(self) -> dict[str, str]:
        """The text of every file that went into the recipe, as messages name it."""
        return {} if self._document is None else self._document.texts

    @property
    def given_data_root(self) -> str | Path | None:
        """The folder of the data that the caller gave in place of `data_root`, if any."""
        return self._data_root

    @property
    def settings(self) -> tuple[str, ...]:
        """The `--set` values that were laid over the file."""
        return self._settings

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What is legal but probably wrong, as far as the recipe alone can tell."""
        return self._warnings

    def file_sources(self) -> dict[str, FileSource]:
        """Return the sources that exist as files, by name."""
        return {n: s for n, s in self.sources.items() if isinstance(s, FileSource)}

    def synthesized_sources(self) -> dict[str, SynthesizedSource]:
        """Return the sources that doitkit generates, by name."""
        return {n: s for n, s in self.sources.items() if isinstance(s, SynthesizedSource)}

    def sources_of(self, cell: Cell) -> list[str]:
        """Return the sources of a cell, in the recipe's order."""
        declared = self.abilities[cell.ability].sources
        return [name for name in declared if self.sources[name].origin == cell.origin]

    def cells(self) -> list[Cell]:
        """Return every (ability, origin) that has a source, in the recipe's order."""
        found: dict[Cell, None] = {}
        for name, ability in self.abilities.items():
            for source in ability.sources:
                found[Cell(name, self.sources[source].origin)] = None
        return list(found)

    def place(self, *path: str | int) -> str:
        """Return where a part of the recipe stands, as messages say it: `file:line:column`.

        Of a recipe that was not loaded from a file, it is the way to the part: `caps.usd`.
        """
        if self._document is None:
            return ".".join(map(str, path))
        found = self._document.position_of(path)
        return f"{found.file}:{found.line}:{found.column}"

    def problem(self, code: str, *path: str | int, what: str, next_step: str) -> Problem:
        """Return a problem, or a warning, that stands at a part of the recipe."""
        document = self._document or Document(self.name, "")
        return Problem(code, document.position_of(path), what, next_step)

    def evaluation_sets(self) -> dict[str, EvaluationSet]:
        """Return the held-out items of every ability that is scored, by ability."""
        return {
            name: ability.evaluate
            for name, ability in self.abilities.items()
            if isinstance(ability.evaluate, EvaluationSet)
        }

    def weights(self) -> dict[str, float]:
        """Return the weight of every ability that is scored: the objective of the advice."""
        return {name: self.abilities[name].weight for name in self.evaluation_sets()}

    def base_models(self) -> dict[str, str]:
        """Return the models that the ladder trains, by name: folder or hub id.

        That of the advice comes first. Without `ladder.models` it is the only one, and its name
        is what stands in `train.base_model`.
        """
        if self.train is None:
            return {}
        declared = self.ladder.models if self.ladder is not None else {}
        first = self.train.base_model
        return {first: declared.get(first, first), **declared}
