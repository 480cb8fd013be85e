"""Licences are called as the Hub and SPDX call them, however a recipe writes them."""

import pytest

from doitkit.build.card.licenses import Licenses, hub_license, license_address


@pytest.mark.parametrize(
    ("stated", "hub"),
    [
        ("MIT", "mit"),
        ("MIT License", "mit"),
        ("MIT (as stated by its authors)", "mit"),
        ("Apache License, Version 2.0", "apache-2.0"),
        ("apache-2.0", "apache-2.0"),
        ("CC BY-NC 4.0", "cc-by-nc-4.0"),
        ("CC-BY-SA-4.0", "cc-by-sa-4.0"),
        ("CC0", "cc0-1.0"),
        ("GPL v3", "gpl-3.0"),
        ("GPL-3.0-or-later", "gpl-3.0"),
        ("ODC-By-1.0", "odc-by"),
        ("The Unlicense", "unlicense"),
        ("unknown", None),
        ("CC-BY-SA (version not verified)", None),
        ("OpenAI terms", None),
        ("", None),
    ],
)
def test_what_the_hub_calls_a_licence(stated: str, hub: str | None) -> None:
    assert hub_license(stated) == hub


def test_licences_are_stated_once_and_none_is_lost() -> None:
    found = Licenses.of(["MIT", None, "OpenAI terms", "MIT License", "CC0", None])
    assert found.ids == ("cc0-1.0", "mit", "other", "unknown")
    assert found.names == ("OpenAI terms",)
    assert Licenses.of(["MIT"]) == Licenses(("mit",), ())


def test_the_page_of_a_licence() -> None:
    assert license_address("cc by 4.0") == "https://spdx.org/licenses/CC-BY-4.0.html"
    assert license_address("OpenAI terms") == "OpenAI terms"
