"""What the names of files and folders say: role, ability, shard, writer."""

import re
import unicodedata
from pathlib import PurePosixPath

_EVALUATION = frozenset(
    [
        *("test", "tests", "testset", "testing", "eval", "evals", "evalset", "evaluation"),
        *("valid", "val", "validation", "dev", "devset", "development", "heldout", "holdout"),
    ]
)
_TRAINING = frozenset(("train", "training", "trainset", "trn"))
_SHARD = frozenset(("part", "shard", "chunk", "split", "of"))
_NOISE = frozenset(
    [
        *("data", "dataset", "datasets", "set", "file", "files", "raw", "all", "full", "default"),
        *("main", "final", "instruct", "instructions", "json", "jsonl", "csv", "parquet", "txt"),
    ]
)
_WRITERS = frozenset(("human", "humans", "people", "manual", "synthetic", "generated", "model"))
_ENDING = re.compile(r"(\.(jsonl|ndjson|json|csv|parquet|txt|gz|zst))+$", re.IGNORECASE)
_FIRST_WORD = re.compile(r"held[-_ ]?out|hold[-_ ]?out", re.IGNORECASE)
_SEPARATOR = re.compile(r"[^\w.]+|_+|\.+")
_CAMEL = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|[0-9]+")

_MODEL = re.compile(
    r"(?:chat)?gpt(?:[-_]?[0-9](?:\.[0-9])?o?(?![0-9]))?(?:[-_](?:turbo|mini|[01][0-9][0-3][0-9](?![0-9])))*"
    r"|text[-_]davinci[-_][0-9]{3}|davinci|alpaca"
    r"|(?<![a-z])(?:claude|vicuna|wizard(?:lm|coder)|ultrachat|llama|mistral|mixtral|gemini|gemma"
    r"|qwen|deepseek)",
    re.IGNORECASE,
)
_MADE = re.compile(
    r"(?<![a-z])(?:self[-_]?instruct|evol[-_]?instruct|synthetic|generated|distill(?:ed)?"
    r"|model[-_](?:output|answer|generated)s?)(?![a-z])",
    re.IGNORECASE,
)


def stem_of(name: str) -> str:
    """Return the bare name of a file without the endings that tell its kind."""
    return _ENDING.sub("", PurePosixPath(name).name)


def role_word(text: str) -> str | None:
    """Return the word of a file's or folder's name that says `evaluation` or `training`."""
    words = _words(text)
    training = [word for word in words if word.lower() in _TRAINING]
    evaluation = [word for word in words if word.lower() in _EVALUATION]
    return next(iter([*training, *evaluation]), None)


def is_evaluation(word: str | None) -> bool:
    """Say whether a word that `role_word` found speaks of evaluation."""
    return word is not None and word.lower() in _EVALUATION


def is_only_a_role(folder: str) -> bool:
    """Say whether the name of a folder tells nothing but a role, or nothing at all."""
    words = {word.lower() for word in _words(folder)}
    return bool(words) and words <= _EVALUATION | _TRAINING | _NOISE


def label_of(stem: str) -> str:
    """Return what is left of a file's stem without role, shard number and filling words.

    Words that tell who wrote the rows go as well, where others are left: files of several
    writers belong together.
    """
    kept: list[str] = []
    bare: list[str] = []
    for piece in _pieces(stem):
        words = {word.lower() for word in _words(piece) if not word.isdigit()}
        if words <= _EVALUATION | _TRAINING | _NOISE or words <= _SHARD:
            continue
        bare.append(piece)
        if not (words <= _WRITERS or writer_word(piece)):
            kept.append(piece)
    return "-".join(kept or bare)


def name_overlap(one: str, other: str) -> float:
    """Return the share of the words of two labels that both have."""
    first, second = ({piece.lower() for piece in _pieces(label)} for label in (one, other))
    return len(first & second) / len(first | second) if first and second else 0.0


def shard_key(name: str) -> str | None:
    """Return a file's name with its numbers left out: shards share it. None if it has none."""
    parent, bare = PurePosixPath(name).parent, PurePosixPath(name).name
    stem = stem_of(bare)
    without = re.sub(r"(?<![^\W_])[0-9]+(?![^\W_])", "#", stem)
    return None if without == stem else f"{parent}/{without}{bare[len(stem) :]}"


def writer_word(text: str) -> str | None:
    """Return the name of a model in `text`, or a word that says that some model wrote it."""
    found = _MODEL.search(text) or _MADE.search(text)
    return found[0].strip("-_") if found else None


def is_model(word: str) -> bool:
    """Say whether a word that `writer_word` found names the model."""
    return _MODEL.fullmatch(word) is not None


def human_word(text: str) -> str | None:
    """Return the word in `text` that says that people wrote the rows."""
    return next((w for w in _pieces(text) if w.lower() in ("human", "humans", "people")), None)


def slug(text: str) -> str:
    """Return `text` as a name in a recipe, or nothing if no letter of it can stand in one."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    plain = re.sub(r"(?:[^a-z0-9_.]|-)+", "-", plain).strip("-_.")[:60].rstrip("-_.")
    if not re.search("[a-z]", plain):
        return ""
    return plain if plain[0].isalpha() else f"data-{plain}"


def _pieces(text: str) -> list[str]:
    joined = _FIRST_WORD.sub("heldout", text)
    return [piece for piece in _SEPARATOR.split(joined) if piece]


def _words(text: str) -> list[str]:
    return [word for piece in _pieces(text) for word in _CAMEL.findall(piece)]
