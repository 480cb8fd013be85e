"""Objects of object stores on this machine: each version of one is downloaded once.

The cache is `$DOITKIT_CACHE/objects`, or else `doitkit/objects` where caches lie. In it, an object
lies under its key in a folder that is named by what tells its versions apart.
"""

import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING

from doitkit.core.files import ASIDE
from doitkit.core.hashing import digest
from doitkit.source.bucket import Bucket
from doitkit.source.object_errors import ChangedError

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem

_CHUNK_BYTES = 16 << 20
_ABANDONED_S = 3600
"""A download that has not written for so long is one that was killed."""


@dataclass(frozen=True)
class Object:
    """One version of an object: its size in bytes, and when it was written."""

    key: str
    size: int
    mtime_ns: int


def cache_folder() -> Path:
    """Return the folder in which objects are cached."""
    given = os.environ.get("DOITKIT_CACHE")
    caches = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache")
    return (Path(given) if given else caches / "doitkit").expanduser().absolute() / "objects"


def place_in_cache(file: Path) -> tuple[str, str, PurePosixPath] | None:
    """Return the scheme, bucket and key of a file of the cache, or None if it is none."""
    folder = cache_folder()
    if not file.is_relative_to(folder):
        return None
    scheme, bucket, _, *key = file.relative_to(folder).parts
    return scheme, bucket, PurePosixPath(*key)


def downloaded(system: "FileSystem", bucket: Bucket, wanted: Object) -> Path:
    """Return the local copy of an object, downloaded unless the cache holds this version.

    Raises
    ------
    ChangedError
        If the object is another one by the time that it was downloaded.
    OSError, pyarrow.ArrowException
        If the store does not give it, or it cannot be stored.
    """
    version = digest([bucket.store, bucket.path(wanted.key), wanted.size, wanted.mtime_ns])
    path = cache_folder() / bucket.scheme / bucket.name / version / wanted.key
    if not (path.is_file() and path.stat().st_size == wanted.size):
        with _written_aside(path) as target:
            # Left to itself, the client would unpack what is named .gz.
            with system.open_input_stream(bucket.path(wanted.key), compression=None) as source:
                shutil.copyfileobj(source, target, _CHUNK_BYTES)
            info = system.get_file_info(bucket.path(wanted.key))
            found = Object(wanted.key, target.tell(), info.mtime_ns or 0)
            if found != wanted:
                raise ChangedError
    return path


@contextmanager
def _written_aside(path: Path) -> Iterator[IO[bytes]]:
    """Hand out a file that becomes `path`, on disk, when the block ends without an error.

    Of two processes that do so at once, the later one puts an equal file in place.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    for leftover in path.parent.glob(f"{ASIDE}*"):
        if time.time() - leftover.stat().st_mtime > _ABANDONED_S:
            leftover.unlink(missing_ok=True)
    aside = path.with_name(ASIDE + secrets.token_hex(8))
    try:
        with aside.open("wb") as target:
            yield target
            target.flush()
            os.fsync(target.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
