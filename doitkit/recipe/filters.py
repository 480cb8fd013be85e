"""The part of a recipe that says which rows are left out for what they hold."""

from typing import Any, Literal

from pydantic import Field, model_validator

from doitkit.recipe.block import InconsistentError, Model, Name

Personal = Literal["email", "phone", "ip", "credit_card", "iban", "us_ssn", "secret_key"]

_CODES = """
    af als am an ar arz as ast av az azb ba bar bcl be bg bh bn bo bpy br bs bxr ca cbk ce ceb ckb
    co cs cv cy da de diq dsb dty dv el eml en eo es et eu fa fi fr frr fy ga gd gl gn gom gu gv
    he hi hif hr hsb ht hu hy ia id ie ilo io is it ja jbo jv ka kk km kn ko krc ku kv kw ky la lb
    lez li lmo lo lrc lt lv mai mg mhr min mk ml mn mr mrj ms mt mwl my myv mzn nah nap nb nds ne
    new nl nn no oc or os pa pam pfl pl pms pnb ps pt qu rm ro ru rue sa sah sc scn sco sd sh si
    sk sl so sq sr su sv sw ta te tg th tk tl tr tt tyv ug uk ur uz vec vep vi vls vo wa war wuu
    xal xmf yi yo yue zh
"""
LANGUAGES = frozenset(_CODES.split())
"""The languages that can be told: the labels of fastText's model lid.176 [1]_, and `nb`.

References
----------
.. [1] https://fasttext.cc/docs/en/language-identification.html
"""


class Bounds(Model):
    """The least and the most of something; both are still allowed."""

    min: int | None = Field(default=None, ge=0, description="The least.")
    max: int | None = Field(default=None, ge=0, description="The most.")

    @model_validator(mode="after")
    def _in_order(self) -> "Bounds":
        if self.min is None and self.max is None:
            raise InconsistentError(
                "these bounds hold nothing back", next_step="give `min`, `max`, or both"
            )
        if self.min is not None and self.max is not None and self.min > self.max:
            raise InconsistentError(
                f"`min` {self.min} is more than `max` {self.max}",
                key="min",
                next_step="exchange them",
            )
        return self


class Length(Model):
    """How long rows may be."""

    prompt_chars: Bounds | None = Field(default=None, description="Characters before the answer.")
    answer_chars: Bounds | None = Field(default=None, description="Characters of the last answer.")
    prompt_words: Bounds | None = Field(default=None, description="Words before the answer.")
    answer_words: Bounds | None = Field(default=None, description="Words of the last answer.")
    tokens: Bounds | None = Field(
        default=None, description="Tokens of all messages, by the tokenizer of the base model."
    )
    turns: Bounds | None = Field(default=None, description="Answers of the assistant in a chat.")


class Language(Model):
    """In which languages rows may be written."""

    keep: list[str] = Field(
        min_length=1,
        description="ISO 639-1 codes, such as en or zh.",
        examples=[["en", "zh"]],
    )
    of: Literal["record", "prompt", "answer"] = Field(
        default="record", description="Whose language counts."
    )
    min_chars: int = Field(
        default=20,
        ge=1,
        description="The language of a shorter text cannot be told, and the row stays.",
    )


class Phrases(Model):
    """Answers that hold a phrase, blind to case."""

    phrases: list[str] | None = Field(
        default=None, min_length=1, description="In place of the phrases that ship with doitkit."
    )
    also: list[str] = Field(default_factory=list, description="Beside the phrases that ship.")


class Repetition(Model):
    """Answers that say the same again and again."""

    most_repeated_lines: float = Field(
        default=0.5,
        gt=0,
        le=1,
        description="The share of an answer's lines that may be repeats of others.",
    )
    most_repeated_ngrams: float = Field(
        default=0.6,
        gt=0,
        le=1,
        description="The share of an answer's word 4-grams that may be repeats of others.",
    )
    min_words: int = Field(default=20, ge=4, description="Shorter answers are not looked at.")


class PersonalData(Model):
    """Personal data, found by patterns: by no means all that there is."""

    kinds: list[Personal] = Field(
        default=["email", "phone", "ip", "credit_card", "iban", "us_ssn", "secret_key"],
        min_length=1,
        description="What is looked for.",
    )
    then: Literal["flag", "mask", "drop"] = Field(
        default="flag",
        description="flag: count the rows in the manifest. mask: put [EMAIL] and the like in "
        "place. drop: leave the rows out.",
    )


class Filters(Model):
    """Which rows are left out for what they hold. Every row that is has its reason in `rejects`."""

    length: Length | None = Field(default=None, description="Too short, or too long.")
    language: Language | None = Field(default=None, description="Of another language.")
    refusals: Phrases | None = Field(
        default=None, description="Answers that refuse: I cannot, as an AI language model."
    )
    boilerplate: Phrases | None = Field(
        default=None, description="Answers with phrases of assistants: I hope this helps."
    )
    repetition: Repetition | None = Field(default=None, description="Answers that repeat.")
    personal: PersonalData | None = Field(
        default=None, description="Personal data, flagged, masked or left out."
    )
    where: dict[Name, str] = Field(
        default_factory=dict,
        description="Reason -> Polars SQL expression that is true for rows to keep, over: "
        "prompt, answer, text, system, turns, source, ability, origin, generator, license.",
        examples=[{"asks-a-question": "prompt like '%?%'"}],
    )
    plugins: dict[Name, dict[str, Any]] = Field(
        default_factory=dict,
        description="Filters of other packages, by the name under which they stand in the "
        "entry-point group `doitkit.filters`, each with its own parameters.",
    )
