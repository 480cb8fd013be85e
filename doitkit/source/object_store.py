"""Files of object stores (S3, Google Cloud Storage, Azure), through a cache on this machine."""

import difflib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from doitkit.core.addresses import remote_address
from doitkit.core.errors import SourceError
from doitkit.source.bucket import Bucket, opened
from doitkit.source.object_cache import Object, downloaded, place_in_cache
from doitkit.source.object_errors import explained, no_such_bucket
from doitkit.source.patterns import matching, searched

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem

_AT_ONCE = 8
_SHOWN = 3
_MOST_COMPARED = 10_000
"""Keys among which a near one is sought: to compare many more takes longer than it helps."""

_found: dict[tuple[str, str], list[Path]] = {}
"""Store and address -> the files, for as long as the process runs."""


def fetch(name: str, address: str) -> list[Path]:
    """Return local copies of the objects that `address` names, sorted; what lacks is downloaded.

    An address is looked up once per process, so that all of it sees the same objects.

    Parameters
    ----------
    name
        The source that needs the objects, for messages.
    address
        `s3://BUCKET/KEY`, `gs://BUCKET/KEY`, `az://CONTAINER/KEY` or `abfss://CONTAINER/KEY`, or
        with the account, `abfss://CONTAINER@ACCOUNT.dfs.core.windows.net/KEY`; the key may hold
        `*`, `?`, `[...]` and `**`, which mean what they mean in a folder.

    Raises
    ------
    SourceError
        If there is no such bucket or object, or it cannot be had.
    """
    bucket, pattern = _parsed(name, address)
    with explained(name, address, bucket):
        looked_up = (bucket.store, address)
        if looked_up not in _found:
            system = opened(bucket)
            wanted = _wanted(system, bucket, pattern)
            if not wanted:
                raise _no_such_object(name, address, pattern, system, bucket)
            _check_keys(name, bucket, wanted)
            with ThreadPoolExecutor(_AT_ONCE) as pool:
                files = pool.map(lambda each: downloaded(system, bucket, each), wanted)
                _found[looked_up] = list(files)
    return list(_found[looked_up])


def short_name(file: Path, data_root: Path | str) -> str | None:
    """Return the key of an object as it is seen from `data_root`.

    That of an object which is not under `data_root` is its key in its bucket. None if the file
    does not lie in the cache of objects.
    """
    place = place_in_cache(file)
    if place is None:
        return None
    scheme, bucket, key = place
    root = remote_address(data_root)
    if root is not None and not root.startswith("hf:"):
        at, folder = _parsed("data_root", root)
        if (at.scheme, at.name) == (scheme, bucket) and key.is_relative_to(folder):
            key = key.relative_to(folder)
    return str(key)


def _parsed(name: str, address: str) -> tuple[Bucket, str]:
    """Return the bucket, and the key or pattern in it; `.` is the bucket itself."""
    scheme, _, rest = address.partition("://")
    place, _, key = rest.partition("/")
    container, _, host = place.partition("@")
    if not container or (host and scheme != "abfss"):
        forms = {"s3": "s3://BUCKET/KEY", "gs": "gs://BUCKET/KEY", "az": "az://CONTAINER/KEY"}
        form = forms.get(scheme, "abfss://CONTAINER@ACCOUNT.dfs.core.windows.net/KEY")
        raise SourceError(
            f"`{name}`: this is not the address of an object",
            where=address,
            why="it names no bucket" if not container else "there is an @ in its bucket",
            next_step=f"write {form}",
        )
    store = "az" if scheme == "abfss" else scheme
    return Bucket(store, container, host or None), str(PurePosixPath(key.lstrip("/")))


def _wanted(system: "FileSystem", bucket: Bucket, pattern: str) -> list[Object]:
    """Return the objects that `pattern` matches, in the order of a folder's files."""
    search = searched(pattern)
    if search is None:
        found = {} if pattern == "." else _objects(system, bucket, bucket.path(pattern))
        return [found[pattern]] if pattern in found else []
    folder, deeper = search
    found = _listed(system, bucket, folder, deeper=deeper)
    return [found[key] for key in matching(pattern, list(found))]


def _listed(
    system: "FileSystem", bucket: Bucket, folder: str, *, deeper: bool = False
) -> dict[str, Object]:
    from pyarrow.fs import FileSelector

    path = bucket.path(folder)
    return _objects(system, bucket, FileSelector(path, allow_not_found=True, recursive=deeper))


def _objects(system: "FileSystem", bucket: Bucket, asked: object) -> dict[str, Object]:
    """Return the objects, by key, that a path or a selector of `pyarrow.fs` leads to."""
    infos = system.get_file_info(asked)
    found = [
        Object(info.path.removeprefix(f"{bucket.name}/"), info.size, info.mtime_ns or 0)
        for info in (infos if isinstance(infos, list) else [infos])
        if info.is_file
    ]
    return {each.key: each for each in found}


def _check_keys(name: str, bucket: Bucket, objects: Sequence[Object]) -> None:
    """Refuse keys that would be another place as the path of a file, or none."""
    for each in objects:
        if any(part in ("", ".", "..") or "\0" in part for part in each.key.split("/")):
            raise SourceError(
                f"`{name}`: the key of an object is not the path of a file",
                where=f"{bucket.scheme}://{bucket.path(each.key)}",
                why="a part of it is empty, `.` or `..`",
                next_step="copy the object to another key, or narrow `path` to the others",
            )


def _no_such_object(
    name: str, address: str, pattern: str, system: "FileSystem", bucket: Bucket
) -> SourceError:
    from pyarrow.fs import FileType

    what, why, next_step = "no such object", "it is a folder", None
    if system.get_file_info(bucket.name).type == FileType.NotFound:
        what, why, next_step = no_such_bucket(bucket)
    elif system.get_file_info(bucket.path(pattern)).type == FileType.Directory:
        next_step = f"name its files, such as {address.rstrip('/')}/*.jsonl"
    else:
        folder, deeper = searched(pattern) or (_folder_of(pattern), False)
        keys = list(_listed(system, bucket, folder, deeper=deeper))[:_MOST_COMPARED]
        near = difflib.get_close_matches(pattern, keys, n=_SHOWN)
        shown = ", ".join(f"`{key}`" for key in near or sorted(keys)[:_SHOWN])
        why = f"none of the {len(keys)} objects in {bucket.path(folder)} has that name"
        next_step = f"did you mean {shown}?" if near else f"name one of them, such as {shown}"
        if not keys:
            why = f"there are no objects in {bucket.path(folder)}"
            next_step = "correct `path` or `data_root` in the recipe"
    return SourceError(f"`{name}`: {what}", where=address, why=why, next_step=next_step)


def _folder_of(key: str) -> str:
    folder = str(PurePosixPath(key).parent)
    return "" if folder == "." else folder
