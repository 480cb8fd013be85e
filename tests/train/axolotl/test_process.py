"""Programs are watched while they run, and end with us."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from doitkit.train.axolotl.process import run


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_what_it_prints_is_passed_on(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    ended = run(
        python("import sys; print('one\\rtwo'); print('three', file=sys.stderr)"), os.environ
    )
    assert ended.code == 0
    assert not ended.no_memory
    out = capfdbinary.readouterr().out
    assert b"one\rtwo" in out
    assert b"three" in out


def test_it_is_passed_on_while_it_comes(tmp_path: Path) -> None:
    code = (
        "import os, sys; from doitkit.train.axolotl.process import run; "
        "run([sys.executable, '-uc', 'import time; print(1); time.sleep(60)'], os.environ)"
    )
    with subprocess.Popen(python(code), stdout=subprocess.PIPE) as outer:
        assert outer.stdout is not None
        assert outer.stdout.readline() == b"1\n"
        outer.kill()


@pytest.mark.parametrize(
    "said",
    [
        "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB",
        "RuntimeError: [enforce fail] DefaultCPUAllocator: can't allocate memory",
    ],
)
def test_that_memory_did_not_suffice_is_heard(said: str) -> None:
    later = "print(*range(2000), sep=chr(10))"
    ended = run(python(f"import sys; print({said!r}); {later}; sys.exit(1)"), os.environ)
    assert ended.no_memory
    assert ended.code == 1


def test_the_line_that_tells_the_error() -> None:
    code = (
        "print('working'); import atexit; atexit.register(print, 'goodbye'); raise ValueError('no')"
    )
    ended = run(python(code), os.environ)
    assert ended.code == 1
    assert ended.telling == "ValueError: no"


def test_a_program_that_is_killed_says_nothing() -> None:
    ended = run(python("import os; os.kill(os.getpid(), 9)"), os.environ)
    assert ended.code == -signal.SIGKILL
    assert ended.telling == "it printed nothing"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of a death")
def test_it_dies_with_the_process_that_started_it(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    inner = f"import os, time; open({str(mark)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    code = (
        "import os, sys; from doitkit.train.axolotl.process import run; "
        f"run([sys.executable, '-c', {inner!r}], os.environ)"
    )
    with subprocess.Popen(python(code)) as outer:
        deadline = time.monotonic() + 60
        while not (mark.is_file() and mark.read_text()):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        outer.kill()
    child = Path("/proc") / mark.read_text() / "stat"
    deadline = time.monotonic() + 30
    while child.exists() and child.read_text().rpartition(")")[2].split()[0] != "Z":
        assert time.monotonic() < deadline, "it outlived its parent"
        time.sleep(0.05)
