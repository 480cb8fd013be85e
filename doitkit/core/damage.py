"""Files of a workspace that are not as they were written: a flipped bit, a cut end, a gap."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from doitkit.core.files import made_with
from doitkit.core.hashing import digest_files


@dataclass(frozen=True)
class Damage:
    """A file that is not as it was written, and why that is known."""

    file: Path
    why: str

    @property
    def remove(self) -> Path:
        """What must go for the file to be made anew."""
        return made_with(self.file)

    def as_json(self) -> dict[str, Any]:
        """Return the damage as plain JSON."""
        return {"file": str(self.file), "why": self.why, "remove": str(self.remove)}


def damages(folder: Path, written: Mapping[str, str]) -> Iterator[Damage]:
    """Yield the files of `folder` that are not as they were written.

    Parameters
    ----------
    written
        Path below `folder` -> the hash of the file when it was written.
    """
    for name, digest in sorted(written.items()):
        file = folder / name
        try:
            found = digest_files([file])
        except FileNotFoundError:
            yield Damage(file, "it is gone")
            continue
        except OSError as error:
            yield Damage(file, f"it cannot be read: {error.strerror}")
            continue
        if found != digest:
            yield Damage(file, "its bytes are not those that were written")
