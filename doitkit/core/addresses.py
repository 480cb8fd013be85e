"""Addresses of files that lie on no disk of this machine: on the Hub, or in an object store."""

import re
from pathlib import Path

# One slash is what a `Path` leaves of two.
_REMOTE = re.compile(r"(hf|s3|gs|az|abfss):/+")


def remote_address(text: Path | str) -> str | None:
    """Return `text` as an address with both its slashes, or None if it names a file of here."""
    given = text if isinstance(text, str) else text.as_posix()
    return _REMOTE.sub(r"\1://", given, count=1) if _REMOTE.match(given) else None


def address_of(pattern: str, data_root: Path | str) -> str | None:
    """Return where `pattern` points as seen from `data_root`, or None if to files of here."""
    address, root = remote_address(pattern), remote_address(data_root)
    if address is None and root is not None and not Path(pattern).is_absolute():
        return root.rstrip("/") + f"/{pattern}"
    return address
