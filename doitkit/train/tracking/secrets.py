"""Keys and passwords, which no tracker is told and no message shows."""

import re

_NAME = re.compile(
    r"(?:^|[/_.-])(?:api_?keys?|access_?keys?|keys?|auth|tokens?|secrets?|passwords?|credentials?)$",
    re.IGNORECASE,
)
_USER = re.compile(r"(?<=://)[^/@\s]+@")
_QUERY = re.compile(r"([?&][^=&\s]*(?:token|key|secret|password)[^=&\s]*=)[^&\s]+", re.IGNORECASE)


def is_secret(name: str) -> bool:
    """Say whether a setting of this name may hold a key or a password."""
    return _NAME.search(name) is not None


def without_secrets(text: str) -> str:
    """Return a text without what stands before the @ of an address, or as a key in its query."""
    return _QUERY.sub(r"\1...", _USER.sub("", text))
