"""Files of data sets on the Hugging Face Hub, through the Hub's own cache on this machine."""

import difflib
import logging
import re
from dataclasses import dataclass
from functools import cache
from glob import escape
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from doitkit.core.addresses import remote_address
from doitkit.core.errors import SourceError
from doitkit.source.hub_errors import explained
from doitkit.source.patterns import matching

if TYPE_CHECKING:
    from huggingface_hub import HfUri

_DATASET = "dataset"
_CACHED = re.compile(r".*/datasets--([^/]+)/snapshots/[^/]+/(.+)", re.DOTALL)
_SHOWN = 3


@dataclass(frozen=True)
class _Dataset:
    """A data set at one commit."""

    repo_id: str
    commit: str
    names: tuple[str, ...]
    complete: bool
    """Whether `names` are all its files, not those in the cache alone."""


def fetch(name: str, address: str) -> list[Path]:
    """Return local copies of the files that `address` names, sorted; what lacks is downloaded.

    A revision is looked up once per process, so that all files are of one commit. Where the Hub
    cannot be reached, or `HF_HUB_OFFLINE` is set, the cache serves what it holds.

    Parameters
    ----------
    name
        The source that needs the files, for messages.
    address
        `hf://datasets/OWNER/NAME[@REVISION]/PATH`; the path may hold `*`, `?`, `[...]` and `**`,
        which mean what they mean in a folder.

    Raises
    ------
    SourceError
        If there is no such data set, revision or file, or it cannot be had.
    """
    from huggingface_hub import snapshot_download

    # Its warnings about each attempt would stand before the one error that says what to do.
    logging.getLogger("huggingface_hub.utils._http").setLevel(logging.ERROR)
    uri = _parsed(name, address)
    pattern = str(PurePosixPath(uri.path_in_repo))
    with explained(name, address):
        dataset = _opened(uri.id, uri.revision)
    wanted = matching(pattern, dataset.names)
    known = dataset.complete or wanted == [pattern]
    if not wanted or not known:
        raise _no_such_file(name, address, pattern, dataset)
    with explained(name, address):
        # Unlike a download file by file, this one puts the list of all files into the cache, from
        # which it is known without the Hub whether a pattern has all its files.
        folder = snapshot_download(
            uri.id,
            repo_type=_DATASET,
            revision=dataset.commit,
            allow_patterns=[escape(file) for file in wanted],
            local_files_only=not dataset.complete,
            tqdm_class=_silent_bar(),
        )
    return [Path(folder, file) for file in wanted]


def short_name(file: Path, data_root: Path | str) -> str | None:
    """Return the name of a file of a data set as it is seen from `data_root`.

    That of a file which is not under `data_root` is its name in its data set. None if the file
    does not lie in the Hub's cache.
    """
    cached = _CACHED.fullmatch(file.as_posix())
    if cached is None:
        return None
    name = PurePosixPath(cached[2])
    root = remote_address(data_root)
    if root is not None and root.startswith("hf:"):
        uri = _parsed("data_root", root)
        if uri.id.replace("/", "--") == cached[1] and name.is_relative_to(uri.path_in_repo):
            name = name.relative_to(uri.path_in_repo)
    return str(name)


def _parsed(name: str, address: str) -> "HfUri":
    from huggingface_hub import parse_hf_uri
    from huggingface_hub.errors import HfUriError

    try:
        uri = parse_hf_uri(address)
        why = f"it names a {uri.type}"
    except HfUriError as error:
        uri, why = None, error.msg.strip()
    if uri is None or uri.type != _DATASET:
        raise SourceError(
            f"`{name}`: this is not the address of a data set on the Hub",
            where=address,
            why=why,
            next_step="write hf://datasets/OWNER/NAME, or hf://datasets/OWNER/NAME@REVISION",
        )
    return uri


@cache
def _opened(repo_id: str, revision: str | None) -> _Dataset:
    """Return a data set at the commit that `revision` named when first asked."""
    from huggingface_hub import (
        get_cached_repo_tree,
        is_offline_mode,
        list_repo_files,
        resolve_revision,
        snapshot_download,
    )
    from huggingface_hub.errors import CachedRepoTreeNotFoundError

    offline = is_offline_mode()
    commit = resolve_revision(
        repo_id, repo_type=_DATASET, revision=revision, local_files_only=offline
    ).resolved
    at: dict[str, Any] = {"repo_id": repo_id, "repo_type": _DATASET, "revision": commit}
    try:
        names = [file.path for file in get_cached_repo_tree(**at)]
    except CachedRepoTreeNotFoundError:
        if offline:
            folder = Path(snapshot_download(**at, local_files_only=True))
            held = [path for path in folder.rglob("*") if path.is_file()]
            names = [path.relative_to(folder).as_posix() for path in held]
            return _Dataset(repo_id, commit, tuple(names), complete=False)
        names = list_repo_files(**at)
    return _Dataset(repo_id, commit, tuple(names), complete=True)


def _silent_bar() -> type:
    from huggingface_hub.utils.tqdm import tqdm

    class Silent(tqdm):
        """No bar: one would break into the progress that doitkit shows."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **{**kwargs, "disable": True})  # type: ignore[no-untyped-call]

    return Silent


def _no_such_file(name: str, address: str, pattern: str, dataset: _Dataset) -> SourceError:
    near = difflib.get_close_matches(pattern, dataset.names, n=_SHOWN)
    shown = ", ".join(f"`{file}`" for file in near or sorted(dataset.names)[:_SHOWN])
    why = f"none of its {len(dataset.names)} files at commit {dataset.commit[:12]} has that name"
    next_step = f"did you mean {shown}?" if near else f"name one of its files, such as {shown}"
    if not dataset.complete:
        why = "HF_HUB_OFFLINE is set, and the cache does not hold all files of the data set"
        next_step = "run once without HF_HUB_OFFLINE"
    elif pattern == "." or any(file.startswith(f"{pattern}/") for file in dataset.names):
        why, next_step = "it is a folder", f"name its files, such as {address.rstrip('/')}/*.json"
    return SourceError(f"`{name}`: no such file", where=address, why=why, next_step=next_step)
