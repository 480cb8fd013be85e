"""The wheel, installed in a fresh environment: the demo runs from an empty folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(*command: object, cwd: Path, timeout: float) -> str:
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_the_installed_wheel_runs_the_demo_from_an_empty_folder(tmp_path: Path) -> None:
    wheels, empty = tmp_path / "wheels", tmp_path / "empty"
    empty.mkdir()
    run(
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--outdir",
        wheels,
        ROOT,
        cwd=tmp_path,
        timeout=300,
    )
    (wheel,) = wheels.glob("doitkit-*.whl")
    venv = tmp_path / "venv"
    run(sys.executable, "-m", "venv", venv, cwd=tmp_path, timeout=120)
    python = venv / "bin" / "python"
    pip = (python, "-m", "pip", "install", "-q", "-c", ROOT / "constraints.txt")
    run(*pip, "torch", cwd=tmp_path, timeout=900)
    run(*pip, f"{wheel}[demo]", cwd=tmp_path, timeout=900)

    shown = run(venv / "bin" / "doitkit", "demo", "--fast", cwd=empty, timeout=900)
    assert "what to buy for 150 credits" in shown
    assert "check of the advice" in shown
    assert (empty / "doitkit-demo-fast" / "workspace" / "report.html").is_file()
    assert (empty / "doitkit-demo-fast" / "demo.next.yaml").is_file()
    assert str(ROOT) not in run(
        python, "-c", "import doitkit; print(doitkit.__file__)", cwd=empty, timeout=60
    )
    planned = run(venv / "bin" / "doitkit", "validate", "demo", cwd=empty, timeout=60)
    assert "demo: valid; abilities: 5" in planned
