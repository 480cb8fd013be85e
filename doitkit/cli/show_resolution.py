"""What a planned ladder will resolve, as tables on standard output."""

from typing import TYPE_CHECKING

from doitkit.cli.show import table, text

if TYPE_CHECKING:
    from doitkit.loop import Resolution
    from doitkit.loop.resolution import AbilityResolution, ExchangeResolution


def resolution(found: "Resolution") -> None:
    """Print how the diagnoses come out in simulated worlds, and what the advice is worth there."""
    origins = sorted({origin for ability in found.abilities for origin in ability.exchange})
    table(
        f"what the {found.runs} runs will resolve, in {found.worlds} simulated worlds",
        [
            "diagnosis of",
            "#items",
            "#right",
            "#wrong",
            "#cannot tell",
            *(f"#exchange rate of {origin}" for origin in origins),
        ],
        [_ability(ability, origins) for ability in found.abilities],
    )
    table(
        "the advice from them",
        ["", "#in the simulated worlds"],
        [
            ("gain of the advised purchase, median", f"{found.gain.true:+.3f}"),
            ("width of its 80 % interval, median", f"{found.gain.width:.3f}"),
            ("worlds in which the interval holds it", f"{found.gain.covered:.0%}"),
            ("share of the best gain that the advice loses", f"{found.regret:.1%}"),
            ("share that the equal split loses", f"{found.equal_regret:.1%}"),
            *(
                []
                if found.transfer is None
                else [("worlds in which transfer can be told", f"{found.transfer:.0%}")]
            ),
        ],
    )
    if found.failed:
        text(f"in {found.failed} of {found.worlds} worlds no growth law could be fitted")
    text(found.verdict)


def _ability(found: "AbilityResolution", origins: list[str]) -> tuple[str, ...]:
    return (
        found.ability,
        f"{found.items:,}",
        f"{found.right:.0%}",
        f"{found.wrong:.0%}",
        f"{found.cannot_tell:.0%}",
        *(_exchange(found.exchange.get(origin)) for origin in origins),
    )


def _exchange(found: "ExchangeResolution | None") -> str:
    if found is None:
        return "no rows"
    if found.factor is None:
        return "not told"
    told = "" if found.told == 1 else f", told in {found.told:.0%}"
    return f"off by a factor {found.factor:.2f}{told}"
