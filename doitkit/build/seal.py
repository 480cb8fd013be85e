"""The manifest of a dataset as its seal: with the hash of every file, and of itself."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from doitkit.build.layout import MANIFEST_FILE
from doitkit.core.damage import Damage, damages
from doitkit.core.errors import DoitkitError
from doitkit.core.files import read_json
from doitkit.core.hashing import digest, digest_each

_FILES, _DIGEST = "files", "digest"


def sealed(manifest: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Return a manifest with the hash of every file in `folder`, and of the manifest itself."""
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    names = [file.relative_to(folder).as_posix() for file in files]
    hashes = dict(zip(names, digest_each(files), strict=True))
    whole = {**manifest, _FILES: hashes}
    return {**whole, _DIGEST: digest(whole)}


def unsealed(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a manifest says beside hashes: the same for every form of a dataset."""
    return {key: value for key, value in manifest.items() if key not in (_FILES, _DIGEST)}


def broken_seals(folder: Path) -> Iterator[Damage]:
    """Yield the files of a dataset that are not as the build wrote them."""
    file = folder / MANIFEST_FILE
    try:
        manifest: dict[str, Any] = read_json(file)
    except DoitkitError as error:
        yield Damage(file, error.why or error.what)
        return
    said = manifest.pop(_DIGEST, None)
    if said != digest(manifest):
        yield Damage(file, "it is not the text that was written")
        return
    yield from damages(folder, manifest[_FILES])
