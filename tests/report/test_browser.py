"""The report as a reader sees it: in a real browser, on a desk and on a phone."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from doitkit.growth import Interval, Outlier, Transfer
from doitkit.report import Findings, write_report
from tests.report.browser import QUIET, chromium, visit

SCREENS = [(1280, "light"), (1280, "dark"), (375, "light"), (375, "dark")]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    if chromium() is None:
        pytest.skip("no Chromium is installed (apt-get install chromium)")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=chromium(), args=list(QUIET))
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def report(findings: Findings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a page with all that a page can hold: transfer, outliers, experiments."""
    advice = findings.advice
    helps = Transfer("proofs", "letters", 160, 0.97, 0.03, Interval(0.01, 0.05, 0.09), True)
    outlier = Outlier("synthetic-40, seed 1", "proofs", 0.81, 0.42, 0.13)
    full = replace(findings, advice=replace(advice, transfer=(helps,), outliers=(outlier,)))
    assert advice.next_runs
    return write_report(full, tmp_path_factory.mktemp("report") / "report.html")


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_it_loads_nothing_complains_of_nothing_and_fits_the_screen(
    browser: Any, report: Path, width: int, scheme: str
) -> None:
    with visit(browser, report, width=width, scheme=scheme) as seen:
        assert seen.requests == [report.as_uri()]
        assert seen.complaints == []
        wide = seen.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_text_stands_out_from_its_ground(
    browser: Any, report: Path, width: int, scheme: str
) -> None:
    with visit(browser, report, width=width, scheme=scheme) as seen:
        colours = seen.page.evaluate(
            """names => {
              const of = name => {
                const probe = document.createElement('i');
                probe.style.color = `var(--${name})`;
                document.body.append(probe);
                return getComputedStyle(probe).color;
              };
              return names.map(of);
            }""",
            ["paper", "ink", "muted", "human", "programmatic", "synthetic", "warn"],
        )
    paper, *inks = (_luminance(colour) for colour in colours)
    # 4.5 is what the Web Content Accessibility Guidelines ask of running text.
    assert all(_contrast(ink, paper) >= 4.5 for ink in inks)


def test_charts_have_a_size_and_lie_within_the_page(browser: Any, report: Path) -> None:
    with visit(browser, report, width=375, scheme="light") as seen:
        boxes = seen.page.evaluate(
            "[...document.querySelectorAll('svg.chart')]"
            ".map(chart => chart.getBoundingClientRect().toJSON())"
        )
    assert len(boxes) == 4
    assert all(box["width"] > 250 and box["height"] > 100 for box in boxes)
    assert all(box["left"] >= 0 and box["right"] <= 375 for box in boxes)


def _luminance(colour: str) -> float:
    channels = [int(part) / 255 for part in colour[4:-1].split(",")]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _contrast(one: float, other: float) -> float:
    light, dark = max(one, other), min(one, other)
    return (light + 0.05) / (dark + 0.05)
