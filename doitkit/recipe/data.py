"""The part of a recipe that says where rows come from and what they mean."""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from doitkit.core.origins import Origin
from doitkit.recipe.block import InconsistentError, Model, Name

Format = Literal[
    "messages", "sharegpt", "alpaca", "prompt_completion", "preference", "multiple_choice"
]

COLUMNS: dict[Format, tuple[str, ...]] = {
    "messages": ("messages", "tools", "choices"),
    "sharegpt": ("conversations", "system", "tools", "choices"),
    "alpaca": ("instruction", "output", "input", "system"),
    "prompt_completion": ("prompt", "completion", "system", "choices"),
    "preference": ("prompt", "chosen", "rejected", "system", "tools"),
    "multiple_choice": ("prompt", "choices", "answer", "completion", "system"),
}
"""The canonical columns of every format, which `columns` may name."""

Metric = Literal["multiple_choice", "exact_match", "choice_likelihood", "bits_per_byte"]


Shares = Literal["proportional", "equal"]


class Lookup(Model):
    """Columns of a second file, joined to the rows of the first."""

    path: str = Field(description="The second file, relative to `data_root`.")
    key: str = Field(description="Column of the first file.", examples=["idx"])
    equals: str = Field(
        default="row", description="Column of the second file; `row` is its row number from 0."
    )


class Rows(Model):
    """Rows in files, and how to read them."""

    path: str | list[str] = Field(
        description="File, or list of files, relative to `data_root`, or one on the Hub: "
        "hf://datasets/OWNER/NAME[@REVISION]/FILE, or in an object store: s3://BUCKET/KEY, "
        "gs://BUCKET/KEY, az://CONTAINER/KEY; `*` and `?` are globs. "
        "jsonl, json, csv, parquet, arrow, or txt (a row per line), each plain, .gz or .zst; or a "
        "folder that `save_to_disk` of `datasets` has written.",
        examples=["gsm8k/train.jsonl.gz", ["shards/*.parquet"]],
    )
    format: Format = Field(
        description="What a row means: `messages` (a chat of role and content, also with tool "
        "calls), `sharegpt` (a chat of from and value), `alpaca` (instruction, input, output), "
        "`prompt_completion`, `preference` (prompt, chosen, rejected: the chosen answer is "
        "trained on), or `multiple_choice` (prompt, choices, answer)."
    )
    records_at: str | None = Field(
        default=None,
        description="In a .json file that is one object: the key under which the list lies.",
        examples=["example"],
    )
    explode: str | None = Field(
        default=None,
        description="A column of lists: each element becomes a row of its own, with the other "
        "columns repeated.",
        examples=["questions"],
    )
    header: bool | list[str] = Field(
        default=True,
        description="csv: true when the first line names the columns, or the names themselves.",
    )
    lookup: Lookup | None = Field(
        default=None, description="Join the columns of a second file, e.g. prompts kept apart."
    )
    columns: dict[str, str] = Field(
        default_factory=dict,
        description="Canonical column -> Polars SQL expression over the file's columns. A plain "
        "column name is the simplest expression. Not needed where the names agree already.",
        examples=[{"prompt": "question", "completion": "answer"}],
    )
    where: str | None = Field(
        default=None,
        description="Keep only rows for which this Polars SQL expression is true. `__line` is "
        "the line of a row in its file, or its number in a list.",
        examples=["category = 'creative_writing'"],
    )
    license: str | None = Field(default=None, description="Licence of the rows, e.g. MIT.")

    @property
    def stratum(self) -> str | None:
        """The expression that tells the stratum of a row, where rows are picked by strata."""
        return None

    @property
    def shares(self) -> Shares | None:
        """What share of every pick each stratum has, where rows are picked by strata."""
        return None

    @property
    def paths(self) -> list[str]:
        """The declared paths, the first file's or files' alone."""
        return [self.path] if isinstance(self.path, str) else self.path

    @model_validator(mode="after")
    def _nothing_is_empty(self) -> "Rows":
        for key, value, next_step in (
            ("path", self.path, "name a file"),
            ("header", self.header, "name the columns, or say true or false"),
            ("where", self.where, "write a condition, or remove `where`"),
        ):
            if value == [] or (isinstance(value, str) and not value.strip()):
                raise InconsistentError(
                    f"`{key}` is empty", code="E126", key=key, next_step=next_step
                )
        return self


class AnswerMethod(Model):
    """Make a synthetic source: a generator answers the prompts of another source."""

    prompts_from: Name = Field(description="Source whose prompts are answered.")
    generator: Name = Field(description="Generator that answers; see `generators`.")
    rows: int = Field(ge=1, description="How many prompts to answer, picked by hash.")
    instruction: str | None = Field(
        default=None, description="System message put before every prompt, if any."
    )


class Strata(Model):
    """Parts of a source, of each of which every pick holds its share."""

    by: str = Field(
        description="Polars SQL expression over the file's columns: rows of one value are one "
        "stratum. A plain column name is the simplest expression.",
        examples=["subject"],
    )
    shares: Shares = Field(
        default="proportional",
        description="`proportional`: a pick holds of each stratum as large a part as the source "
        "does. `equal`: as many rows of each, as long as they last.",
    )


class FileSource(Rows):
    """A source of training rows that exists as files."""

    origin: Origin = Field(description="Who wrote the answers: human, synthetic or programmatic.")
    generator: str | None = Field(
        default=None, description="For synthetic rows: the model that wrote them."
    )
    weight: float = Field(
        default=1.0, gt=0, description="Share among the sources of the same ability and origin."
    )
    stratify: Strata | None = Field(
        default=None, description="Pick by strata: every subset holds its share of each of them."
    )

    @property
    def stratum(self) -> str | None:
        """The expression that tells the stratum of a row, where rows are picked by strata."""
        return self.stratify.by if self.stratify is not None else None

    @property
    def shares(self) -> Shares | None:
        """What share of every pick each stratum has, where rows are picked by strata."""
        return self.stratify.shares if self.stratify is not None else None


class SynthesizedSource(Model):
    """A source of training rows that doitkit generates."""

    answer: AnswerMethod = Field(description="A generator answers the prompts of a source.")
    weight: float = Field(
        default=1.0, gt=0, description="Share among the sources of the same ability and origin."
    )
    license: str | None = Field(default=None, description="Licence of the generated rows.")

    @property
    def origin(self) -> Origin:
        """What a model wrote is synthetic."""
        return "synthetic"


def _source_kind(value: Any) -> str:
    if isinstance(value, dict):
        return "generated" if "answer" in value else "files"
    return "generated" if isinstance(value, SynthesizedSource) else "files"


Source = Annotated[
    Annotated[FileSource, Tag("files")] | Annotated[SynthesizedSource, Tag("generated")],
    Discriminator(_source_kind),
]


class EvaluationSet(Rows):
    """Held-out items on which an ability is scored."""

    metric: Metric = Field(
        description="`multiple_choice`: the likeliest of the given choices is the right one. "
        "`exact_match`: the generated answer equals the reference. `choice_likelihood`: the "
        "reference answer is likelier per byte than its distractors. `bits_per_byte`: how many "
        "bits the model needs for a byte of the reference answer (lower is better)."
    )
    origin: Origin | None = Field(default=None, description="Who wrote the items, if known.")
    items: int | None = Field(
        default=None, ge=1, description="Use this many items, picked by hash; all if not given."
    )
    extract: str | None = Field(
        default=None,
        description="exact_match: regular expression whose first group is the answer, applied "
        "to the generation and to the reference alike.",
        examples=["#### (-?[0-9.,]+)"],
    )
    max_new_tokens: int = Field(default=64, ge=1, description="exact_match: generation limit.")
    distractors: int = Field(
        default=2,
        ge=1,
        le=9,
        description="choice_likelihood without a `choices` column: how many answers of other "
        "items stand against the right one.",
    )

    @model_validator(mode="after")
    def _metric_fits_format(self) -> "EvaluationSet":
        if self.metric == "multiple_choice" and self.format != "multiple_choice":
            raise InconsistentError(
                "metric multiple_choice needs format multiple_choice",
                key="metric",
                next_step="choose another metric, or say which columns are the choices",
            )
        if self.metric in ("exact_match", "bits_per_byte") and self.format == "multiple_choice":
            raise InconsistentError(
                f"metric {self.metric} needs a format with an answer text",
                key="metric",
                next_step="use metric multiple_choice or choice_likelihood, or another format",
            )
        if self.extract is not None and self.metric != "exact_match":
            raise InconsistentError(
                "`extract` belongs to metric exact_match", key="extract", next_step="remove it"
            )
        return self


def _evaluation_kind(value: Any) -> str:
    return "none" if value == "none" else "items"


Evaluation = Annotated[
    Annotated[EvaluationSet, Tag("items")] | Annotated[Literal["none"], Tag("none")],
    Discriminator(_evaluation_kind),
]


class Ability(Model):
    """Something the model should be good at: its training sources and how it is scored."""

    sources: list[Name] = Field(min_length=1, description="Names from `sources`.")
    evaluate: Evaluation = Field(
        description="The held-out items that score this ability; `none` for rows that train it "
        "and are never scored by themselves, such as general chat."
    )
    weight: float = Field(
        default=1.0, ge=0, description="Weight of this ability in the objective of the advice."
    )


class Generator(Model):
    """A model that writes answers for synthetic sources."""

    provider: Literal["openai", "local"] = Field(
        description="`openai`: any OpenAI-compatible endpoint. `local`: a model folder."
    )
    model: str = Field(description="Model name at the endpoint, or path of the model folder.")
    base_url: str | None = Field(default=None, description="openai: address of the endpoint.")
    api_key_env: str = Field(
        default="OPENAI_API_KEY",
        description="openai: environment variable that holds the key. The key itself never "
        "stands in a recipe.",
    )
    max_new_tokens: int = Field(default=256, ge=1, description="Longest answer, in tokens.")
    temperature: float = Field(
        default=0.0, ge=0, description="0 takes the likeliest token; more varies the answers."
    )
    batch_size: int = Field(default=32, ge=1, description="local: prompts answered together.")
    usd_per_1k_input: float = Field(default=0.0, ge=0, description="USD per 1,000 prompt tokens.")
    usd_per_1k_output: float = Field(
        default=0.0, ge=0, description="USD per 1,000 generated tokens."
    )

    @model_validator(mode="after")
    def _fits_provider(self) -> "Generator":
        if self.provider == "local" and self.base_url is not None:
            raise InconsistentError(
                "`base_url` belongs to provider openai", key="base_url", next_step="remove it"
            )
        return self
