import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doitkit.growth import Interval
from doitkit.report.chart import scale as scales
from doitkit.report.chart.axes import short
from doitkit.report.chart.element import element, serialised
from doitkit.report.chart.heat import Column, heat_grid
from doitkit.report.chart.marks import line, marker, ribbon
from doitkit.report.chart.strip import interval_mark, shared_axis

sizes = st.floats(min_value=1e-6, max_value=1e9)


@given(low=st.floats(-1e6, 1e6), width=sizes)
def test_a_rounded_scale_holds_its_values_between_its_ticks(low: float, width: float) -> None:
    scale = scales.rounded(low, low + width, 0, 100)
    assert scale.low <= low + 1e-6 * (abs(low) + width)
    assert scale.high >= low + width - 1e-6 * (abs(low) + width)
    assert 2 <= len(scale.ticks) <= 8
    assert all(-1e-6 <= scale(tick) <= 100 + 1e-6 for tick in scale.ticks)


@given(most=st.floats(0, 1e8))
def test_a_scale_of_rows_starts_at_zero_and_rises(most: float) -> None:
    scale = scales.rows(most, 0, 100)
    assert scale.ticks[0] == 0
    assert scale(0) == 0
    assert scale(scale.high) == pytest.approx(100)
    assert list(scale.ticks) == sorted(set(scale.ticks))
    assert scale.ticks[-1] <= max(most, 1)


def test_rows_are_placed_by_their_logarithm() -> None:
    scale = scales.rows(999, 0, 300)
    assert scale.ticks == (0, 1, 10, 100, 500)
    assert scale(99) == pytest.approx(300 * math.log(100) / math.log(1000))
    assert [short(tick) for tick in (0, 10, 1000, 50_000, 1e6)] == ["0", "10", "1k", "50k", "1M"]


def test_ticks_are_round() -> None:
    assert scales.round_ticks(0, 1, 5) == (0, 0.2, 0.4, 0.6, 0.8, 1)
    assert scales.round_ticks(-0.013, 0.062, 4) == (0, 0.02, 0.04, 0.06)


def test_values_that_do_not_differ_have_a_scale() -> None:
    scale = shared_axis([0.0, 0.0])
    assert scale.low < 0 < scale.high


def test_text_is_escaped_once() -> None:
    drawn = marker("circle", (1, 2), "o-human", title='<b> & "quotes"')
    assert "&lt;b&gt; &amp;" in serialised(drawn)
    assert serialised(element("text", "a < b")) == "<text>a &lt; b</text>"
    assert 'aria-label="&lt;&quot;"' in serialised(element("g", aria_label='<"'))


def test_lines_and_ribbons_go_through_their_points() -> None:
    assert line([(0, 1), (2, 3.25)], "x").get("d") == "M0.0 1.0L2.0 3.2"
    area = ribbon([(0, 4), (1, 4)], [(0, 2), (1, 1)], "x").get("d")
    assert area == "M0.0 2.0L1.0 1.0L1.0 4.0L0.0 4.0Z"


def test_an_interval_is_placed_in_percent() -> None:
    scale = scales.linear(0, 1, 0, 100)
    span, dot = interval_mark(scale, Interval(0.2, 0.3, 0.5), "advised", "a score")
    assert (span.get("x1"), span.get("x2"), dot.get("cx")) == ("20.00%", "50.00%", "30.00%")


def test_a_heat_grid_shades_by_the_logarithm_and_names_every_cell() -> None:
    columns = [Column("code", "o-human", "human"), Column("code", "o-synthetic", "synthetic")]
    drawn = heat_grid("Design", ["a", "b"], columns, [[0, 9], [99, 0]])
    cells = [cell for cell in drawn if cell.tag == "rect"]
    assert [cell.get("class") for cell in cells] == [
        "cell empty", "cell o-synthetic", "cell o-human", "cell empty",
    ]  # fmt: skip
    assert [cell.get("fill-opacity") for cell in cells] == [None, "0.56", "1.00", None]
    assert cells[1][0].text == "a: 9 synthetic rows, code"


def test_a_long_name_is_shortened_in_a_heat_grid_only() -> None:
    name = "x" * 30 + "y" * 30
    drawn = serialised(heat_grid("Design", ["a"], [Column(name, "", "human")], [[1]]))
    assert "x" * 16 + "…" + "y" * 15 in drawn
    assert f"1 human rows, {name}" in drawn
