"""The report as one file: no script, no font, no picture from elsewhere."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from doitkit.core.errors import MissingExtraError
from doitkit.core.files import write_text
from doitkit.core.origins import ORIGINS
from doitkit.core.version import VERSION
from doitkit.report import numbers
from doitkit.report.abilities import ability_table
from doitkit.report.answer import answer
from doitkit.report.calibration import calibration
from doitkit.report.chart.element import Element, serialised
from doitkit.report.data import data_tables
from doitkit.report.findings import Findings
from doitkit.report.legend import curve_keys, origin_key
from doitkit.report.measured import measured
from doitkit.report.method import method
from doitkit.report.outcomes import outcomes
from doitkit.report.panels import Mark, panels
from doitkit.report.runs import run_table
from doitkit.report.transfer import transfer_table

_TEMPLATES = Path(__file__).parent / "templates"

_JOINTS = re.compile(r"(?<=[_.\-/])(?=\w)")
"""Where a long name may be broken."""

_FILTERS: tuple[Callable[..., str], ...] = (
    numbers.amount,
    numbers.change,
    numbers.change_span,
    numbers.count,
    numbers.count_span,
    numbers.duration,
    numbers.marginal,
    numbers.model_name,
    numbers.probability,
    numbers.quantity,
    numbers.rows_about,
    numbers.rows_about_span,
    numbers.score,
    numbers.score_span,
    numbers.significant,
    numbers.significant_span,
)


def write_report(findings: Findings, path: Path) -> Path:
    """Write the report of a turn as one self-contained HTML file.

    Equal findings give equal bytes. The page asks for nothing from the network, and its content
    security policy forbids it to.

    Returns
    -------
    Path
        The file, which is `path`.

    Raises
    ------
    MissingExtraError
        If Jinja2 is not installed.
    """
    try:
        import jinja2
        from markupsafe import Markup
    except ImportError as error:
        raise MissingExtraError("the report cannot be written", extra="report") from error

    def draw(picture: Element) -> str:
        return Markup(serialised(picture))  # noqa: S704 - ElementTree has escaped it

    def breakable(text: str) -> str:
        return Markup("<wbr>").join(_JOINTS.split(text))

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {made.__name__: made for made in (*_FILTERS, breakable, draw)}
    write_text(path, environment.get_template("report.html.j2").render(_view(findings)))
    return path


def _view(findings: Findings) -> dict[str, Any]:
    advice = findings.advice
    seen = advice.fit.seen
    curves = panels(findings)
    marks = frozenset[Mark]().union(*(panel.marks for panel in curves))
    drawn = [o for i, o in enumerate(seen.origins) if seen.counts[:, :, i].max() > 0]
    return {
        "version": VERSION,
        "findings": findings,
        "recipe": findings.recipe,
        "advice": advice,
        "answer": answer(findings),
        "outcomes": outcomes(findings),
        "measured": measured(findings),
        "abilities": ability_table(findings),
        "transfer": transfer_table(findings),
        "next_worth": any(experiment.worth for experiment in advice.next_runs),
        "panels": curves,
        "alike": "alike" in marks,
        "curve_keys": curve_keys(drawn, advice.reference, marks),
        "runs": run_table(findings),
        "data": data_tables(findings),
        "calibration": calibration(findings),
        "method": method(findings),
        "origin_keys": {origin: origin_key(origin) for origin in ORIGINS},
    }
