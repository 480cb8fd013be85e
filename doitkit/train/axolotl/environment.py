"""The environment of its own in which Axolotl lives: where it lies, and how it comes there.

Axolotl pins the versions of nearly everything that it stands on, so it cannot share an
environment with anything else.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from doitkit.core.errors import DoitkitError, UsageError
from doitkit.core.files import read_json, write_json, write_text
from doitkit.core.progress import SILENT, Progress

VERSION = "0.19.0"
"""The version of Axolotl whose fields and whose behaviour are known here."""
TORCH = "2.13.0"
"""The version of torch that is installed with it on a machine without a GPU."""

Installer = Literal["uv", "pip"]

_MARK = "whole.json"
_LAST_LINES = 3
_PROOF = (
    "from axolotl.utils.config import validate_config; "
    "from axolotl.cli.train import do_cli; "
    "import torch; print(torch.__version__)"
)
QUIET = {"AXOLOTL_DO_NOT_TRACK": "1", "DO_NOT_TRACK": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
"""What keeps Axolotl, and what lies beneath it, from reporting home."""


@dataclass(frozen=True)
class Environment:
    """A whole installation of Axolotl.

    Attributes
    ----------
    torch
        Its version; it ends in `+cpu` where it knows no GPU.
    extras
        The optional parts of Axolotl that were installed with it, such as `deepspeed`.
    """

    folder: Path
    torch: str
    installer: Installer
    extras: tuple[str, ...] = ()

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    def run(
        self, arguments: Sequence[str | Path], environment: Mapping[str, str] | None = None
    ) -> "subprocess.CompletedProcess[str]":
        """Run its interpreter, and return what it printed."""
        return subprocess.run(  # noqa: S603 - a program of ours, in an environment of ours
            [self.python, *arguments],
            check=False,
            capture_output=True,
            text=True,
            env={**os.environ, **QUIET, **(environment or {})},
        )


def environment_folder() -> Path:
    """Return where the environment of the supported version lies, or would."""
    stated = os.environ.get("DOITKIT_BACKENDS")
    if stated:
        return Path(stated).expanduser().absolute() / f"axolotl-{VERSION}"
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
    return cache / "doitkit" / "backends" / f"axolotl-{VERSION}"


def find_environment() -> Environment | None:
    """Return the environment, if it is there and its installation came to its end."""
    folder = environment_folder()
    mark = folder / _MARK
    if not mark.is_file():
        return None
    stored = read_json(mark)
    return Environment(folder, stored["torch"], stored["installer"], tuple(stored["extras"]))


def require_environment() -> Environment:
    """Return the environment.

    Raises
    ------
    UsageError
        If it is not there; it says how to install it.
    """
    found = find_environment()
    if found is None:
        raise UsageError(
            f"Axolotl {VERSION} is not installed",
            where=environment_folder(),
            why="it needs an environment of its own, and there is none, or only a part of one",
            next_step="doitkit backend install axolotl (with --cpu on a machine without a GPU)",
        )
    return found


def install(
    installer: Installer | None = None,
    *,
    cpu: bool = False,
    extras: Sequence[str] = (),
    progress: Progress = SILENT,
) -> Environment:
    """Install the environment, unless it is there with all that is asked for.

    Parameters
    ----------
    installer
        `uv` where there is one, else `pip`, if not given.
    cpu
        Install torch first, as pip finds it, and refuse a build for GPUs.
    extras
        Optional parts of Axolotl, such as `deepspeed` or `ray`.

    Raises
    ------
    UsageError
        If there is no `uv` and it is asked for, or pip would install torch for GPUs.
    DoitkitError
        If an installation fails; the log beside the folder holds all that it printed.
    """
    found = find_environment()
    if found is not None and set(extras) <= set(found.extras):
        return found
    chosen: Installer = installer or ("uv" if _uv() else "pip")
    if chosen == "uv" and not _uv():
        raise UsageError(
            "there is no uv here",
            where="--with uv",
            next_step="install uv, or say --with pip",
        )
    folder = environment_folder()
    wanted = tuple(sorted({*extras, *(found.extras if found else ())}))
    work = _Work(folder, folder.with_name(f"{folder.name}.log"), progress)
    with progress.task(f"installing Axolotl {VERSION}") as task:
        if found is None:
            shutil.rmtree(folder, ignore_errors=True)
            work.run([sys.executable, "-m", "venv", folder], "an empty environment")
            task.advance(note="an empty environment")
            if cpu:
                work.torch_for_cpus()
                task.advance(note="torch")
        work.axolotl(chosen, wanted, cpu=cpu or (found is not None and "+cpu" in found.torch))
        task.advance(note="axolotl")
        torch = work.run([work.python, "-c", _PROOF], "a first import").split()[-1]
    mark = Environment(folder, torch, chosen, wanted)
    write_json(folder / _MARK, {k: v for k, v in asdict(mark).items() if k != "folder"})
    return mark


@dataclass(frozen=True)
class _Work:
    """An installation under way."""

    folder: Path
    log: Path
    progress: Progress

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    def run(self, command: Sequence[str | Path], what: str) -> str:
        """Run a program, with what it prints in the log; return what it printed."""
        done = subprocess.run(  # noqa: S603 - pip, uv, and the interpreter that they fill
            command, check=False, capture_output=True, text=True, env={**os.environ, **QUIET}
        )
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("a") as log:
            log.write(f"$ {' '.join(map(str, command))}\n{done.stdout}{done.stderr}\n")
        if done.returncode != 0:
            said = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
            raise DoitkitError(
                f"Axolotl cannot be installed: {what} failed",
                where=self.log,
                why=" / ".join(said[-_LAST_LINES:]) or f"exit code {done.returncode}",
                next_step="mend the cause and run the same command again; it begins anew",
            )
        return done.stdout

    def torch_for_cpus(self) -> None:
        """Install torch as pip finds it, if that is a build without CUDA."""
        install: list[str | Path] = [self.python, "-m", "pip", "install", f"torch=={TORCH}"]
        plan = self.run([*install, "--quiet", "--dry-run", "--report", "-"], "a look for torch")
        if '"nvidia-' in plan:
            raise UsageError(
                "pip would install torch for GPUs",
                where="--cpu",
                why="the first that it finds is a build with CUDA, of several GB",
                next_step="tell pip where builds for CPUs lie, by PIP_FIND_LINKS or PIP_INDEX_URL, "
                "or leave --cpu out",
            )
        self.run(install, "torch")

    def axolotl(self, installer: Installer, extras: Sequence[str], *, cpu: bool) -> None:
        """Install Axolotl and all that it asks for, around the torch that is there."""
        wanted = f"axolotl[{','.join(extras)}]=={VERSION}" if extras else f"axolotl=={VERSION}"
        pin = self.folder / "torch.txt"
        if cpu:
            write_text(pin, f"torch=={self._torch()}\n")
        if installer == "pip":
            pinned: list[str | Path] = ["--constraint", pin] if cpu else []
            self.run([self.python, "-m", "pip", "install", *pinned, wanted], "pip")
            return
        options: list[str | Path] = ["--override", pin] if cpu else []
        for place in _places_of_wheels():
            options += ["--find-links", place]
        program = _uv()
        self.run([*program, "pip", "install", "--python", self.python, *options, wanted], "uv")

    def _torch(self) -> str:
        told = "from importlib.metadata import version; print(version('torch'))"
        return self.run([self.python, "-c", told], "a look at torch").strip()


def _uv() -> list[str]:
    """Return how uv is called here; nothing where it is not."""
    program = shutil.which("uv")
    if program:
        return [program]
    return [sys.executable, "-m", "uv"] if find_spec("uv") else []


def _places_of_wheels() -> list[str]:
    """Return the folders and pages of wheels that pip looks at, and of which uv does not know."""
    listed: Any = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"],
        check=False,
        capture_output=True,
        text=True,
    )
    found: list[str] = []
    for line in listed.stdout.splitlines():
        name, _, value = line.partition("=")
        if name.endswith(".find-links"):
            found += value.strip("'\"").split()
    return list(dict.fromkeys(found))
