"""The benchmarks of the advisor run, and print every figure by which they are compared."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SEEN = {"4", "6", "8", "10"}


def last_line(name: str, *options: str) -> dict[str, Any]:
    command = [sys.executable, str(HERE / name), "--fast", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_growth_curves(data_folder: Path) -> None:
    found = last_line("growth_curves.py", "--data", str(data_folder))
    for key in ("lin_cold", "lin_history", "lin_last3", "lin_ridge"):
        assert set(found[key]) == SEEN
    for key in ("coverage80", "coverage95"):
        assert {"lin", "lcdb", "sim"} <= set(found[key])
    assert {"lcdb_mean", "lcdb_median", "nmt", "width80", "pinball", "pinball_laplace"} <= set(
        found
    )
    # History foretells better than a curve alone, at every number of points.
    assert all(found["lin_history"][n] < found["lin_cold"][n] for n in SEEN)


def test_mixture_regression(data_folder: Path) -> None:
    found = last_line("mixture_regression.py", "--data", str(data_folder))
    assert set(found["512"]) == {"1M", "60M", "1B"}
    assert all(set(found[runs]) == {"1M", "1B"} for runs in ("20", "40", "60"))
    assert all(set(rival) == {"512", "20", "40", "60"} for rival in found["rivals"].values())


def test_allocation() -> None:
    found = last_line("allocation.py")
    for key in ("regret", "equal_split", "p90"):
        assert set(found[key]) == {"12", "24", "48"}
    for key in ("regret_wrong_world", "next_run_wins", "rho_ratio_median", "coverage80"):
        assert isinstance(found[key], float)
    assert found["transfer"]["helps_right"] <= found["transfer"]["helps"]


def test_draws() -> None:
    found = last_line("draws.py")
    assert set(found) == {"12", "24"}
    for ways in found.values():
        assert set(ways) == {"randomised", "laplace", "importance"}
        assert all(figures["pinball"] > 0 for figures in ways.values())


def test_advisor_speed() -> None:
    found = last_line("advisor_speed.py")
    assert found["seconds"] > 0
    assert {"import_seconds", "runs", "abilities"} <= set(found)
