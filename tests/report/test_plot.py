from __future__ import annotations

import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from logitbench import store
from logitbench.compare.comparing import compare
from logitbench.compare.comparison import Comparison
from logitbench.errors import UsageError
from logitbench.report.drawing import METADATA
from logitbench.report.plot import write_plot
from tests.handmade import ASSETS, epoch, trials
from tests.report.conftest import Hostile

pytest.importorskip("matplotlib")

BEGINNINGS = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF"}


@pytest.fixture
def real() -> list[Comparison]:
    return compare(store.read([ASSETS]).trials, metrics=["loss", "val_nll"])


@pytest.mark.parametrize("ending", METADATA)
def test_the_same_results_make_the_same_file(real: list[Comparison], tmp_path: Path, ending: str) -> None:
    for name in ("one", "two"):
        write_plot(real, tmp_path / f"{name}{ending}")
    one, two = ((tmp_path / f"{name}{ending}").read_bytes() for name in ("one", "two"))
    assert one == two
    assert one.startswith(BEGINNINGS[ending])


def test_the_ending_may_be_in_capitals(real: list[Comparison], tmp_path: Path) -> None:
    write_plot(real, tmp_path / "A.PNG")
    assert (tmp_path / "A.PNG").read_bytes().startswith(BEGINNINGS[".png"])


def test_there_is_a_panel_for_each_comparison_and_metric_and_no_empty_one(
    real: list[Comparison], tmp_path: Path
) -> None:
    write_plot(real, tmp_path / "a.svg")
    text = (tmp_path / "a.svg").read_text()
    assert len(re.findall(r'<g id="axes_\d+">', text)) == 4
    for title in ("breast-cancer-raw: loss", "language-family: val_nll", "probs-clipped - logits", "minus logits"):
        assert f"<!-- {title} -->" in text


def test_a_figure_says_what_its_band_is_and_how_many_seeds_it_is_of(real: list[Comparison], tmp_path: Path) -> None:
    write_plot(real, tmp_path / "a.svg")
    said = "Mean of the differences paired by seed, n = 3 and 2, with its 95 % interval"
    assert f"<!-- {said} -->" in (tmp_path / "a.svg").read_text()


def test_each_pair_has_a_line_and_its_interval(real: list[Comparison], tmp_path: Path) -> None:
    write_plot(real[:1], tmp_path / "a.svg")
    text = (tmp_path / "a.svg").read_text()
    panels = 2
    assert len(re.findall(r'<g id="FillBetweenPolyCollection_\d+">', text)) == panels * len(real[0].pairs)
    assert len(set(re.findall(r"stroke-dasharray: ([^;]+);", text))) >= len(real[0].pairs)


def test_one_epoch_one_seed_and_what_diverged_are_drawn(awkward: list[Comparison], tmp_path: Path) -> None:
    write_plot(awkward, tmp_path / "a.png")
    write_plot(compare(trials(tmp_path / "one", [[epoch("logits"), epoch("probs")]])), tmp_path / "b.png")
    assert (tmp_path / "b.png").stat().st_size > 1000


def test_the_settings_of_a_group_of_runs_stand_in_its_titles_which_fit_their_panels(
    real: list[Comparison], tmp_path: Path
) -> None:
    write_plot([replace(real[0], apart=("training.epochs 5", "keras 3.15.1"))], tmp_path / "a.svg")
    text = (tmp_path / "a.svg").read_text()
    assert text.count("<!-- breast-cancer-raw (training.epochs 5, keras -->") == 2
    assert "<!-- 3.15.1): val_nll -->" in text


def test_a_hostile_name_is_no_formula(hostile: Hostile, tmp_path: Path) -> None:
    write_plot(hostile(r"$\frac{a$"), tmp_path / "a.svg")
    assert r"$\frac{a$ - logits" in (tmp_path / "a.svg").read_text()


def test_another_ending_is_refused(real: list[Comparison], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"ends in \.png, \.svg or \.pdf, got 'a\.gif'"):
        write_plot(real, tmp_path / "a.gif")


def test_one_arm_alone_has_nothing_to_draw(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no pair of arms"):
        write_plot(compare(trials(tmp_path, [[epoch("logits")]])), tmp_path / "a.png")


def test_without_matplotlib_it_is_named(
    real: list[Comparison], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(UsageError, match="A figure needs the package matplotlib, which is not installed") as caught:
        write_plot(real, tmp_path / "a.png")
    assert caught.value.hint == "Run: pip install 'logitbench[report]'"
