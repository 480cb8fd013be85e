"""What a filter is: ours, and those of other packages."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import polars as pl

Reasons: TypeAlias = pl.Expr | Callable[[pl.DataFrame], pl.Series]


@dataclass(frozen=True)
class Filter:
    """One declared filter, ready to be carried out.

    Attributes
    ----------
    key
        Where the recipe declares it, below `curate.filters`.
    reason
        Over the columns of `doitkit.core.rows.ROWS` and `TEXTS`, the constants of the source
        (`source`, `ability`, `origin`, `generator`, `license`) and `tokens`: why a row is left
        out, in words, or null for a row that stays.
    brought
        Whether users or other packages wrote it, so that it may fail, or give anything at all.
    """

    key: str
    reason: pl.Expr
    brought: bool = False


class RowFilter(Protocol):
    """A filter of another package.

    The package names it, or a class whose construction does the same, under the entry-point
    group `doitkit.filters`. The name of the entry point is the name under `curate.filters.plugins`
    in a recipe, whose value is handed over as `parameters`, as it was read from the file:

    ```toml
    [project.entry-points."doitkit.filters"]
    no-shouting = "my_package.shouting:no_shouting"
    ```

    ```python
    def no_shouting(parameters: Mapping[str, Any]) -> pl.Expr:
        most = parameters.get("most", 0.5)
        share = pl.col("answer").str.count_matches("[A-Z]") / pl.col("answer").str.len_chars()
        return pl.when(share > most).then(pl.format("{} of it is shouted", share.round(2)))
    ```

    What it returns is a Polars expression, or, where no expression will do, a function from a
    data frame to a series of the same height. Either gives a string for a row that is left out,
    the reason why, and null for a row that stays. The columns there are:

    | column | what it holds |
    | --- | --- |
    | `prompt`, `answer`, `text` | all before the last answer, the last answer, and all of it |
    | `question`, `system` | the last message before the answer; the system message, or null |
    | `turns` | how many answers the assistant gives |
    | `messages` | a list of structs of `role` and `content` |
    | `source`, `ability`, `origin`, `generator`, `license` | of the row's source; may be null |
    | `id`, `prompt_id`, `file`, `line` | of the row |
    | `tokens` | of all messages, where the recipe bounds them; else null |

    A row must be judged by itself: rows come in parts of any size and order, and a filter that
    compares them with each other would keep different rows on different machines. For the same
    reason it must draw no random numbers, and ask no clock and no network.

    Parameters that will not do are refused with a `ValueError` or `TypeError` whose message says
    what is wrong with them; it is shown to the user, next to the place in the recipe.
    """

    def __call__(self, parameters: Mapping[str, Any], /) -> Reasons:
        """Return what tells the reasons."""


def worked_out_once(value: pl.Expr, then: Callable[[pl.Expr], pl.Expr]) -> pl.Expr:
    """Return what `then` gives for `value`, a string or null.

    Polars works out an expression again at each place where it stands inside of others; of what
    takes long, once is enough.
    """

    def of_series(values: pl.Series) -> pl.Series:
        return values.to_frame("value").select(reason=then(pl.col("value"))).to_series()

    return value.map_batches(of_series, return_dtype=pl.String)
