"""The name of the next recipe: never that of the recipe it follows."""

import pytest

from doitkit.advise.next_recipe import next_name


@pytest.mark.parametrize(
    ("name", "following"),
    [
        ("demo.yaml", "demo.next.yaml"),
        ("demo.next.yaml", "demo.next2.yaml"),
        ("demo.next2.yaml", "demo.next3.yaml"),
        ("demo.next9.yml", "demo.next10.yml"),
        ("next.yaml", "next.next.yaml"),
        (".next.yaml", ".next.next.yaml"),
        ("my.next0.yaml", "my.next0.next.yaml"),
        ("recipe", "recipe.next.yaml"),
        ("recipe.txt", "recipe.txt.next.yaml"),
    ],
)
def test_names_count_on(name: str, following: str) -> None:
    assert next_name(name) == following
