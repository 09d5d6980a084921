from __future__ import annotations

import math
import re
import sys
from pathlib import Path

import pytest

from logitbench.errors import UsageError
from logitbench.report import curves
from logitbench.report.curves import HEIGHT, NARROWEST, Curve, Panel
from logitbench.report.drawing import METADATA

pytest.importorskip("plotext")
pytest.importorskip("matplotlib")

X = [number / 10 for number in range(-50, 51)]
SQUARES = Curve("square", X, [x * x for x in X])
LINE = Curve("line", X, X)


def panel(*shown: Curve, title: str = "powers", ylabel: str = "y", log: bool = False) -> Panel:
    return Panel(title, "x", ylabel, shown, log)


@pytest.mark.parametrize("width", [10, NARROWEST, 80, 200])
def test_text_keeps_to_its_width_and_height_and_has_no_colours(width: int) -> None:
    text = curves.render([panel(SQUARES, LINE)], width)
    lines = [line for line in text.splitlines() if "│" in line]
    assert max(map(len, lines)) <= max(width, NARROWEST)
    assert len(text.splitlines()) == HEIGHT + 1
    assert "\x1b" not in text
    assert all(line == line.rstrip() for line in text.splitlines())


def test_every_curve_has_its_sign_and_every_panel_its_title() -> None:
    text = curves.render([panel(SQUARES, LINE), panel(LINE, title="a line")], 80)
    assert text.startswith("powers: o square, x line\n")
    assert "\n\na line: o line\n" in text
    assert text.count("┌") == 2


def test_what_is_not_finite_is_a_gap() -> None:
    gap = Curve("gap", [0, 1, 2, 3, 4, 5], [0, 0, math.nan, math.inf, 0, 0])
    (row,) = {line for line in curves.render([panel(gap)], 80).splitlines() if "o" in line and "│" in line}
    assert re.search(r"oo +oo", row)
    assert "nothing to draw" in curves.render([panel(Curve("none", [1, 2], [math.nan, -math.inf]))], 80)


@pytest.mark.parametrize("ending", METADATA)
def test_a_logarithmic_scale_leaves_out_what_is_not_above_0_and_says_so(tmp_path: Path, ending: str) -> None:
    powers = Curve("powers", [0, 1, 2, 3, 4], [0.0, 1e-8, 1e-4, 1.0, -1.0])
    text = curves.render([panel(powers, log=True)], 80)
    assert "(2 points not above 0 left out)" in text
    rows = [place for place, line in enumerate(text.splitlines()) if "│" in line and "o" in line]
    assert rows[0] == 2
    assert len(rows) > HEIGHT // 2  # even steps, where a linear scale would have two levels
    curves.write([panel(powers, log=True), panel(Curve("no", [1], [0.0]), log=True)], tmp_path / f"a{ending}")
    assert (tmp_path / f"a{ending}").stat().st_size > 1000


@pytest.mark.parametrize("ending", METADATA)
def test_the_same_curves_make_the_same_file(tmp_path: Path, ending: str) -> None:
    for name in ("one", "two"):
        curves.write([panel(SQUARES, LINE)], tmp_path / f"{name}{ending}")
    one, two = ((tmp_path / f"{name}{ending}").read_bytes() for name in ("one", "two"))
    assert one == two


def test_a_figure_has_each_panel_once_and_a_name_once_in_its_legend(tmp_path: Path) -> None:
    panels = [panel(SQUARES, LINE, title=f"panel {number}") for number in range(4)]
    curves.write(panels, tmp_path / "a.svg")
    text = (tmp_path / "a.svg").read_text()
    assert len(re.findall(r'<g id="axes_\d+">', text)) == 4
    assert [text.count(f"<!-- panel {number} -->") for number in range(4)] == [1, 1, 1, 1]
    assert text.count("<!-- square -->") == 1
    assert text.count("<!-- x -->") == 4


def test_few_points_have_markers_and_many_have_none(tmp_path: Path) -> None:
    few, many = (panel(Curve("a", X[:count], X[:count])) for count in (5, 100))
    for name, shown in (("few", few), ("many", many)):
        curves.write([shown], tmp_path / f"{name}.svg")
    markers = [(tmp_path / f"{name}.svg").read_text().count("clip-path") for name in ("few", "many")]
    assert markers[0] > markers[1]


def test_a_hostile_name_commands_neither_the_terminal_nor_matplotlib(tmp_path: Path) -> None:
    hostile = panel(Curve("_\x1b[31m$\\frac{$", X, X), title="\x1b[31mred\u202e")
    assert not {"\x1b", "\u202e"} & set(curves.render([hostile], 80))
    curves.write([hostile], tmp_path / "a.svg")


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"ends in \.png, \.svg or \.pdf, got 'a\.gif'"):
        curves.write([panel(LINE)], tmp_path / "a.gif")


@pytest.mark.parametrize("package", ["plotext", "matplotlib"])
def test_without_its_package_it_is_named(package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(UsageError, match=f"needs the package {package}, which is not installed"):
        curves.render([panel(LINE)], 80) if package == "plotext" else curves.write([panel(LINE)], tmp_path / "a.png")
