"""Content hashes: the names of records, datasets, runs and steps."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

_DIGEST_BYTES = 16
_CHUNK_BYTES = 1 << 20


def canonical_json(value: Any) -> str:
    """Return the one JSON text of `value`: sorted keys, no spaces, no NaN.

    Raises
    ------
    ValueError
        If `value` holds NaN or an infinity, which JSON cannot name.
    """
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def digest_bytes(data: bytes) -> str:
    """Return the 128-bit BLAKE2b digest of `data` as 32 hexadecimal digits."""
    return hashlib.blake2b(data, digest_size=_DIGEST_BYTES).hexdigest()


def digest_text(text: str) -> str:
    """Return the digest of `text` in UTF-8 (lone surrogates are kept apart, not merged)."""
    return digest_bytes(text.encode("utf-8", "surrogatepass"))


def digest(value: Any) -> str:
    """Return the digest of any JSON-like value, independent of key order."""
    return digest_text(canonical_json(value))


def digest_files(paths: Iterable[Path]) -> str:
    """Return one digest over the contents of `paths`, in the order given.

    Names and modification times do not enter: a renamed file is the same file.
    """
    outer = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    for path in paths:
        inner = hashlib.blake2b(digest_size=_DIGEST_BYTES)
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                inner.update(chunk)
        outer.update(inner.digest())
    return outer.hexdigest()


def digest_folder(folder: Path, suffixes: tuple[str, ...]) -> str:
    """Return the digest of the files of `folder` (not below it) that end in `suffixes`.

    Here the names count: a model folder is told apart by which file holds what.
    """
    files = sorted(p for p in folder.iterdir() if p.is_file() and p.name.endswith(suffixes))
    return digest([[p.name, digest_files([p])] for p in files])


def rank_key(seed: int, identity: str) -> int:
    """Return the 64-bit rank of a record in every pick made with `seed`.

    A keyed hash of the record's own id, so that the order of two records depends on nothing
    but the two of them: picks are nested, and stable when other rows come or go.
    """
    key = seed.to_bytes(8, "little", signed=True)
    raw = hashlib.blake2b(identity.encode(), digest_size=8, key=key).digest()
    return int.from_bytes(raw, "big")
