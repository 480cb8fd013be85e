"""Finished steps of work on disk, each named by the hash of everything that decides its content.

A step that exists is finished: it was written aside and renamed. So a build that was killed goes
on where it was, a change re-runs what depends on it and nothing else, and two processes that make
the same step make the same bytes.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from doitkit.core.damage import Damage, damages
from doitkit.core.errors import DoitkitError
from doitkit.core.files import damaged, folder_written_aside, read_json, write_json
from doitkit.core.hashing import digest, digest_each
from doitkit.core.memory import give_back_freed_memory
from doitkit.core.version import VERSION

STEP_FILE = "step.json"


@dataclass(frozen=True)
class Store:
    """The steps of one workspace, a folder for each kind of step.

    Attributes
    ----------
    executed
        The kinds of the steps that were carried out by this object, in their order; what was
        there already is not among them.
    used
        The folders of all steps that were asked for, those that were there already included.
    """

    root: Path
    executed: list[str] = field(default_factory=list)
    used: dict[Path, None] = field(default_factory=dict)

    def step(self, kind: str, key: Any, make: Callable[[Path], None]) -> Path:
        """Return the folder of a step, carrying it out if it is not there.

        Parameters
        ----------
        key
            Everything that decides the content: parameters, the addresses of what it reads, and
            the version of its code. JSON-like.
        make
            Writes the step's files into an empty folder.

        Raises
        ------
        DoitkitError
            If the step is there, but not as it was written.
        """
        folder = self.root / kind / address_of(kind, key)
        if not (folder / STEP_FILE).is_file():
            with folder_written_aside(folder, STEP_FILE) as aside:
                make(aside)
                files = sorted(path for path in aside.iterdir() if path.is_file())
                names = [path.name for path in files]
                digests = dict(zip(names, digest_each(files), strict=True))
                said = {"doitkit": VERSION, "kind": kind, "key": key, "files": digests}
                write_json(aside / STEP_FILE, said)
            give_back_freed_memory()
            self.executed.append(kind)
        elif folder not in self.used:
            # What would be built on a damaged step would look as sound as anything.
            for damage in step_damages(folder):
                raise damaged(damage.file, damage.why)
        self.used[folder] = None
        return folder


def step_damages(folder: Path) -> Iterator[Damage]:
    """Yield the files of a step that are not as they were written."""
    file = folder / STEP_FILE
    try:
        step = read_json(file)
        named = digest([step["doitkit"], step["kind"], step["key"]])
        files = dict(step["files"])
    except DoitkitError as error:
        yield Damage(file, error.why or error.what)
        return
    except FileNotFoundError:
        yield Damage(file, "it is gone")
        return
    except (KeyError, TypeError, ValueError):
        named, files = "", {}
    if named != folder.name:
        yield Damage(file, "it does not say what the name of its folder stands for")
        return
    yield from damages(folder, files)


def address_of(kind: str, key: Any) -> str:
    """Return the name of a step: the hash of what decides its content."""
    return digest([VERSION, kind, key])
