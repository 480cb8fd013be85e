"""`doitkit explain`: the page about a code, or the list of all codes."""

from typing import Annotated

import typer

from doitkit.cli.options import JsonOption


def explain(
    code: Annotated[
        str | None, typer.Argument(help="A code such as E104; without one, all are listed.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Explain the code of an error or a warning, with an example of it, wrong and right."""
    from doitkit.cli import show
    from doitkit.recipe.pages import codes, page, title

    if code is None:
        titles = [(known, title(known)) for known in codes()]
        if json:
            show.as_json([{"code": known, "title": about} for known, about in titles])
        else:
            print("\n".join(f"{known}  {about}" for known, about in titles))
        return
    text = page(code)
    if json:
        show.as_json({"code": code.upper(), "title": title(code), "page": text})
    else:
        print(text, end="")
