"""The part of a recipe that says what is done to rows before they are counted."""

from typing import Literal

from pydantic import Field, model_validator

from doitkit.core.origins import Origin
from doitkit.recipe.block import InconsistentError, Model, Name
from doitkit.recipe.data import Rows
from doitkit.recipe.filters import Filters

Dedup = Literal["exact", "within_origin", "within_source", "none"]
Scope = Literal["record", "prompt", "answer"]


class Near(Model):
    """Near-duplicates: rows whose sets of n-grams are alike, every pair verified exactly."""

    similarity: float = Field(
        default=0.8,
        ge=0.5,
        le=1,
        description="Two rows are near-duplicates when the Jaccard similarity of their sets of "
        "n-grams is this or more.",
    )
    ngram: int = Field(default=5, ge=1, le=64, description="Words, or characters, in an n-gram.")
    unit: Literal["word", "char"] = Field(
        default="word",
        description="`word`: n-grams of words between white space, of which every Chinese or "
        "Japanese character is one. `char`: n-grams of characters, for other writing without "
        "spaces, such as Thai.",
    )
    most_lost: float = Field(
        default=0.5,
        gt=0,
        le=1,
        description="A source that would lose more than this share of its rows to "
        "near-duplicates among its own keeps them, and the build says so: a template makes rows "
        "alike that are no copies. 1 lets any source shrink.",
    )


class Semantic(Model):
    """Rows that say the same in other words, by the cosine of their embeddings."""

    model: str = Field(
        description="Folder of an embedding model, or the name of one that ships in a package."
    )
    similarity: float = Field(
        default=0.9,
        ge=0.7,
        le=1,
        description="Rows say the same when the cosine of their prompts and that of their answers "
        "are this or more, and their prompts hold the same numbers.",
    )


class Overlap(Model):
    """Training rows that hold a good part of an evaluation item."""

    ngram: int = Field(
        default=13,
        ge=3,
        le=64,
        description="Words in an n-gram; a character of Chinese or Japanese counts as a word.",
    )
    share: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="A row is left out when it holds this share of the n-grams of an item's "
        "prompt, or of its answer, and at least one. 0: one is enough.",
    )
    common: int = Field(
        default=10,
        ge=1,
        description="An n-gram that stands in more than this many training rows of one source is "
        "common text, and tells nothing.",
    )


class Curation(Model):
    """What is done to rows before they are counted."""

    normalize: bool = Field(
        default=True,
        description="Unicode NFC, line ends, control characters, outer and trailing white space.",
    )
    filters: Filters = Field(
        default_factory=Filters, description="Rows that are left out, and why."
    )
    max_chars: int | None = Field(
        default=None, ge=1, description="Leave out rows with more characters than this."
    )
    dedup: Dedup = Field(
        default="exact",
        description="exact: one of several rows with equal text is kept. within_origin: rows "
        "are compared only with rows of their own origin, as a paired design needs. "
        "within_source: only with rows of their own source.",
    )
    scope: Scope = Field(
        default="record",
        description="What makes rows equal or alike: the whole record, its prompt, or its answer.",
    )
    near: Near | None = Field(
        default=None, description="Leave out near-duplicates too, compared as `dedup` says."
    )
    semantic: Semantic | None = Field(
        default=None, description="Leave out rows too that say the same in other words."
    )
    prefer: list[Origin] = Field(
        default=["human", "programmatic", "synthetic"],
        description="Whose copy stays when several origins hold the same row. Then the source "
        "that stands first in the recipe, then the longer row, then the lower id.",
    )
    decontaminate: bool = Field(
        default=True,
        description="Leave out training rows whose id or prompt equals an evaluation item's, or "
        "that hold a good part of one: see `overlap`.",
    )
    overlap: Overlap = Field(
        default_factory=Overlap, description="How much of an item a row may hold."
    )
    against: dict[Name, Rows] = Field(
        default_factory=dict,
        description="Further sets that training rows are kept clear of, such as public tests.",
    )

    @model_validator(mode="after")
    def _dedup_is_on(self) -> "Curation":
        for key in ("near", "semantic"):
            if self.dedup == "none" and getattr(self, key) is not None:
                raise InconsistentError(
                    f"`{key}` needs `dedup`",
                    key=key,
                    next_step=f"remove `{key}`, or say who is compared with whom by `dedup`",
                )
        return self
