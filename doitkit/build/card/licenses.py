"""Licences as the Hugging Face Hub and SPDX name them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

OTHER, UNKNOWN = "other", "unknown"

_SPDX = """
    AFL-3.0 AGPL-3.0 Apache-2.0 Artistic-2.0 BSD-2-Clause BSD-3-Clause BSL-1.0 CC0-1.0
    CC-BY-2.0 CC-BY-2.5 CC-BY-3.0 CC-BY-4.0 CC-BY-NC-2.0 CC-BY-NC-3.0 CC-BY-NC-4.0
    CC-BY-ND-4.0 CC-BY-NC-ND-3.0 CC-BY-NC-ND-4.0 CC-BY-NC-SA-2.0 CC-BY-NC-SA-3.0
    CC-BY-NC-SA-4.0 CC-BY-SA-3.0 CC-BY-SA-4.0 CDLA-Permissive-1.0 CDLA-Permissive-2.0
    CDLA-Sharing-1.0 C-UDA-1.0 ECL-2.0 EPL-1.0 EPL-2.0 EUPL-1.1 EUPL-1.2 GPL-2.0 GPL-3.0 ISC
    LGPL-2.1 LGPL-3.0 LPPL-1.3c MIT MPL-2.0 MS-PL NCSA ODbL-1.0 ODC-By-1.0 OFL-1.1 OSL-3.0
    PDDL-1.0 PostgreSQL Unlicense WTFPL Zlib etalab-2.0
"""
_HUB_CALLS = {
    "c-uda-1.0": "c-uda",
    "odbl-1.0": "odbl",
    "odc-by-1.0": "odc-by",
    "pddl-1.0": "pddl",
}
_HUB_ONLY = """
    bigcode-openrail-m bigscience-bloom-rail-1.0 bigscience-openrail-m bsd cc creativeml-openrail-m
    gemma gfdl gpl lgpl llama2 llama3 llama3.1 llama3.2 llama3.3 llama4 openrail openrail++
"""
_BY_HUB = {_HUB_CALLS.get(name.lower(), name.lower()): name for name in _SPDX.split()}
_KNOWN = {*_BY_HUB, *_HUB_ONLY.split()}
_ALSO = {
    "apache": "apache-2.0",
    "apache-2": "apache-2.0",
    "cc0": "cc0-1.0",
    "cc-0": "cc0-1.0",
    "gpl-2": "gpl-2.0",
    "gpl-3": "gpl-3.0",
    "the-unlicense": "unlicense",
    **_HUB_CALLS,
}
_REMARK = re.compile(r"\([^()]*\)\s*$")
_FILLERS = {"the", "license", "licence", "version"}
_TAIL = re.compile(r"-(only|or-later)$")


@dataclass(frozen=True)
class Licenses:
    """The licences of a dataset, as the header of a card on the Hub states them.

    Attributes
    ----------
    ids
        Names that the Hub knows; `other` where it knows none, `unknown` where none is stated.
    names
        What is called `other`, in the words of the recipe.
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]

    @classmethod
    def of(cls, stated: Iterable[str | None]) -> "Licenses":
        """Return the licences that are stated, each once."""
        texts = dict.fromkeys(stated)
        ids = {UNKNOWN if text is None else hub_license(text) or OTHER for text in texts}
        names = [text for text in texts if text is not None and hub_license(text) is None]
        return cls(tuple(sorted(ids)), tuple(sorted(names)))


def hub_license(text: str) -> str | None:
    """Return what the Hub calls a licence, or None if it knows none of that name.

    Case, spaces and a remark in brackets behind the name make no difference.
    """
    words = re.split(r"[\s_,]+", _REMARK.sub("", text).strip().lower())
    words = [re.sub(r"^v(?=\d)", "", word) for word in words if word not in _FILLERS]
    name = _TAIL.sub("", "-".join(words))
    name = _ALSO.get(name, name)
    return name if name in _KNOWN else None


def license_address(text: str) -> str:
    """Return the page of SPDX about a licence, or its own words where there is none."""
    spdx = _BY_HUB.get(hub_license(text) or "")
    return text if spdx is None else f"https://spdx.org/licenses/{spdx}.html"
