"""Which GPUs this process may use, told without loading torch."""

import os
import shutil
import subprocess

_SECONDS = 30


def visible_gpus() -> tuple[str, ...]:
    """Return the names of the GPUs, as `CUDA_VISIBLE_DEVICES` takes them."""
    stated = os.environ.get("CUDA_VISIBLE_DEVICES")
    if stated is not None:
        return tuple(name.strip() for name in stated.split(",") if name.strip() not in ("", "-1"))
    program = shutil.which("nvidia-smi")
    if program is None:
        return ()
    command = [program, "--query-gpu=index", "--format=csv,noheader"]
    try:
        listed = subprocess.run(  # noqa: S603 - its own words alone
            command, check=False, capture_output=True, text=True, timeout=_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return tuple(listed.stdout.split()) if listed.returncode == 0 else ()
