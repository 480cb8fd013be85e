"""Axolotl as a process of ours: what it prints is passed on, and it ends when we do."""

import ctypes
import re
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_KEPT_LINES = 400
_NO_MEMORY = re.compile(r"out of memory|OutOfMemoryError|can't allocate memory", re.IGNORECASE)
_ERROR = re.compile(r"^(?:\[[^\]]*\]:\s*)?\w[\w.]*(?:Error|Exception|Exit)\b.*")
_CHUNK = 4096


@dataclass(frozen=True)
class Ended:
    """How a process ended.

    Attributes
    ----------
    no_memory
        Whether it said that memory did not suffice.
    telling
        The last line that names an error, else the last one.
    """

    code: int
    no_memory: bool
    telling: str


def run(command: Sequence[str | Path], variables: Mapping[str, str]) -> Ended:
    """Run a program to its end, and pass on what it prints as it comes."""
    libc = ctypes.CDLL(None)

    def die_with_parent() -> None:
        if sys.platform == "linux":
            # A signal that torchrun and accelerate hand on to the processes that they started.
            libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)

    process = subprocess.Popen(  # noqa: S603 - Axolotl, with a configuration of ours
        command,
        env=dict(variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        # Interrupted, Axolotl would save what it has and report success.
        start_new_session=True,
        preexec_fn=die_with_parent,  # noqa: PLW1509 - it takes no lock
    )
    lines: deque[str] = deque(maxlen=_KEPT_LINES)
    no_memory, begun = False, ""
    with process:
        assert process.stdout is not None
        try:
            while chunk := process.stdout.read1(_CHUNK):  # type: ignore[attr-defined]
                sys.stdout.buffer.write(chunk)
                sys.stdout.buffer.flush()
                # Progress bars return to the beginning of their line instead of ending it.
                *whole, begun = re.split(r"[\r\n]", begun + chunk.decode(errors="replace"))
                lines += [line for line in whole if line.strip()]
                no_memory = no_memory or any(map(_NO_MEMORY.search, whole))
        except BaseException:
            process.kill()
            raise
        code = process.wait()
    lines += [begun] if begun.strip() else []
    return Ended(code, no_memory, _telling(lines))


def _telling(lines: Sequence[str]) -> str:
    last = lines[-1] if lines else "it printed nothing"
    return next((line for line in reversed(lines) if _ERROR.match(line)), last).strip()
