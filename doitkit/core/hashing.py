"""Content hashes: the names of records, datasets, runs and steps."""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_DIGEST_BYTES = 16
DIGEST_HEX = 2 * _DIGEST_BYTES
"""Hexadecimal digits of a digest."""
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


def digests(data: Iterable[bytes]) -> bytes:
    """Return the digest of each of `data` in bytes, one after the other."""
    hashed = hashlib.blake2b
    return b"".join([hashed(each, digest_size=_DIGEST_BYTES).digest() for each in data])


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
    return digest_bytes(b"".join(_contents_digests(paths)))


def digest_each(paths: Iterable[Path]) -> list[str]:
    """Return what `digest_files` gives of each of `paths` alone."""
    return [digest_bytes(inner) for inner in _contents_digests(paths)]


def _contents_digests(paths: Iterable[Path]) -> Iterator[bytes]:
    # Hashing works outside of Python's lock.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(_contents_digest, paths)


def _contents_digest(path: Path) -> bytes:
    hashed = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    with path.open("rb", buffering=0) as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            hashed.update(chunk)
    return hashed.digest()


def digest_folder(folder: Path, suffixes: tuple[str, ...]) -> str:
    """Return the digest of the files of `folder` (not below it) that end in `suffixes`.

    Here the names count: a model folder is told apart by which file holds what.
    """
    files = sorted(p for p in folder.iterdir() if p.is_file() and p.name.endswith(suffixes))
    return digest([[p.name, digest_files([p])] for p in files])


def rank_keys(seed: int, identities: Iterable[str]) -> "npt.NDArray[np.uint64]":
    """Return the `rank_key` of every record."""
    import numpy as np

    key, hashed = _rank_hash_key(seed), hashlib.blake2b
    raw = [hashed(each.encode(), digest_size=8, key=key).digest() for each in identities]
    return np.frombuffer(b"".join(raw), dtype=">u8").astype(np.uint64)


def rank_key(seed: int, identity: str) -> int:
    """Return the 64-bit rank of a record in every pick made with `seed`.

    A keyed hash of the record's own id, so that the order of two records depends on nothing
    but the two of them: picks are nested, and stable when other rows come or go.
    """
    raw = hashlib.blake2b(identity.encode(), digest_size=8, key=_rank_hash_key(seed)).digest()
    return int.from_bytes(raw, "big")


def _rank_hash_key(seed: int) -> bytes:
    return seed.to_bytes(8, "little", signed=True)
