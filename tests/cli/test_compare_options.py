"""What ``compare`` can be asked for, and how it answers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from logitbench import store
from logitbench.records import RunRecord
from tests.cli.command import in_process
from tests.handmade import epoch, publish, run_record

WORSE = [0.30, 0.31, 0.29, 0.32, 0.28, 0.30, 0.33, 0.27]
"""By how much the val_nll of probs is above that of logits, seed by seed."""


def results(folder: Path, gaps: list[float], record: RunRecord | None = None) -> Path:
    record = record or run_record(seeds=len(gaps))
    run = store.create_run(folder, record)
    for seed, gap in enumerate(gaps):
        same = gap == 0
        rows = [epoch("logits", val_nll=0.5 + seed / 64), epoch("probs", val_nll=0.5 + seed / 64 + gap)]
        publish(run, rows, seed, final=None if same else {"logits": "a" * 64, "probs": "b" * 64})
    return folder


@pytest.mark.parametrize(
    ("gaps", "on", "code"),
    [
        ([0.0] * 8, "not-equivalent", 0),
        (WORSE, "worse", 1),
        (WORSE, "different", 1),
        ([-gap for gap in WORSE], "worse", 0),
        ([-gap for gap in WORSE], "different", 1),
        ([0.001, -0.001] * 4, "not-equivalent", 0),
        ([0.4, -0.4] * 4, "different", 0),
        ([0.4, -0.4] * 4, "not-equivalent", 1),
        ([0.3] * 3, "different", 0),
    ],
)
def test_it_fails_on_what_the_caller_asked_it_to_fail_on(tmp_path: Path, gaps: list[float], on: str, code: int) -> None:
    results(tmp_path / "results", gaps)

    done = in_process("compare", "results", "--fail-on", on, cwd=tmp_path, expect=code)

    undecided = "so nothing was decided, and it passes" in done.stderr
    assert ("--fail-on" in done.stderr) == (code == 1 or undecided)
    assert "paired by seed" in done.stdout or gaps[0] == 0


def test_runs_that_differ_stand_apart_beside_other_experiments_and_strict_refuses_them(tmp_path: Path) -> None:
    results(tmp_path / "results", WORSE)
    other = run_record(seeds=8, run_id="second").model_copy(update={"environment": {"keras": "3.16.0"}})
    results(tmp_path / "results", [-gap for gap in WORSE], other)
    results(tmp_path / "results", WORSE, run_record(seeds=8, experiment="another"))

    apart = in_process("compare", "results", "--fail-on", "worse", cwd=tmp_path, expect=1)
    said = " ".join(apart.stdout.split())
    assert "handmade (keras 3.15.1) / first: 8 seeds" in said
    assert "handmade (keras 3.16.0) / second: 8 seeds" in said
    assert "another / first: 8 seeds" in said
    assert said.count("runs of handmade that differ are not pooled: keras 3.15.1, 3.16.0.") == 2
    assert "--fail-on worse: handmade (keras 3.15.1): probs, logits: A BETTER" in apart.stderr
    assert "3.16.0" not in apart.stderr

    page = in_process("report", "results", cwd=tmp_path)
    assert "2 experiments in 3 groups of runs of 24 trials" in page.stderr
    assert '<a href="#comparison-2">handmade (keras 3.15.1)</a>' in (tmp_path / "report.html").read_text()

    for command in ("compare", "report"):
        refused = in_process(command, "results", "--strict", cwd=tmp_path, expect=2)
        assert "runs of handmade cannot be pooled (first and second): keras 3.15.1, 3.16.0" in refused.stderr
        removed = in_process(command, "results", "--allow-mixed", cwd=tmp_path, expect=2)
        assert "there is no --allow-mixed any more\nLeave it out" in removed.stderr


def test_an_arm_is_held_against_itself_in_other_results(tmp_path: Path) -> None:
    here, there = results(tmp_path / "here", WORSE), tmp_path / "there"
    other = run_record(seeds=8, run_id="second").model_copy(update={"environment": {"keras": "3.16.0"}})
    results(there, [gap + 0.5 for gap in WORSE], other)

    said = in_process("compare", here, "--against", there, "--format", "json", cwd=tmp_path).stdout

    (found,) = json.loads(said)["comparisons"]
    assert {pair["arm"]: (pair["baseline"], pair["verdict"]) for pair in found["pairs"]} == {
        "logits": ("logits (against)", "IDENTICAL"),
        "probs": ("probs (against)", "B BETTER"),
    }
    assert "keras is '3.15.1' and against '3.16.0'." in found["notes"]


def test_what_has_nothing_in_common_cannot_be_held_against_each_other(tmp_path: Path) -> None:
    here = results(tmp_path / "here", WORSE)
    there = results(tmp_path / "there", WORSE, run_record(seeds=8, experiment="another"))

    refused = in_process("compare", here, "--against", there, cwd=tmp_path, expect=2)

    assert "no experiment in common" in refused.stderr


def test_the_number_that_decides_is_declared(tmp_path: Path) -> None:
    results(tmp_path / "results", WORSE)

    told = in_process("compare", "results", "--on", "val_loss", "--at", "best:val_nll", cwd=tmp_path)
    assert "EQUIVALENT: val_loss at its best val_nll" in " ".join(told.stdout.split())
    wide = in_process("compare", "results", "--margin", "0.9", cwd=tmp_path)
    assert "within ±0.9" in " ".join(wide.stdout.split())
    for options, said in (
        (("--on", "val_nl"), "no metric 'val_nl'"),
        (("--on", "val_accuracy"), "Take val_matched_accuracy"),
        (("--at", "best:val_accuracy"), "Take val_matched_accuracy"),
        (("--against", "results", "--baseline", "logits"), "--against goes without --baseline"),
        (("--plot", "a.png", "--format", "json"), "--plot goes without --format"),
        (("-o", "table.xml"), "no ending '.xml'"),
        (("--at", "first"), "--at takes last or best:METRIC"),
        (("--margin", "0"), "a number above 0"),
        (("--sort", "size"), "no order 'size'"),
        (("--group-by", "seed"), "no grouping 'seed'"),
        (("--fail-on", "any"), "no verdict to fail on 'any'"),
        (("--plot", "figure.bmp"), ".bmp"),
    ):
        refused = in_process("compare", "results", *options, cwd=tmp_path, expect=2)
        assert said in " ".join(refused.stderr.replace("│", " ").split())


def test_several_experiments_are_put_together_and_sorted(tmp_path: Path) -> None:
    for name, gaps in (("a", [0.0] * 8), ("b", WORSE), ("c", [2 * gap for gap in WORSE])):
        results(tmp_path / "results", gaps, run_record(seeds=8, experiment=name))

    whole = in_process("compare", "results", "--sort", "difference", cwd=tmp_path).stdout
    places = [whole.index(f"{name} / first") for name in "cba"]
    assert places == sorted(places)
    assert "over 3 experiments, 24 seeds: probs improves on logits with probability" in " ".join(whole.split())

    none = ("compare", "results", "--experiment", "a", "--only-different", "--format", "json", "-o", "none.json")
    in_process(*none, cwd=tmp_path)
    assert json.loads((tmp_path / "none.json").read_text())["comparisons"] == []
    different = in_process("compare", "results", "--only-different", cwd=tmp_path).stdout
    assert "a / first" not in different
    assert "b / first" in different


@pytest.mark.parametrize(("name", "begins"), [("a.png", b"\x89PNG"), ("a.svg", b"<?xml"), ("a.pdf", b"%PDF")])
def test_differences_are_drawn_into_a_file(tmp_path: Path, name: str, begins: bytes) -> None:
    results(tmp_path / "results", WORSE)

    in_process("compare", "results", "--plot", name, cwd=tmp_path)

    assert (tmp_path / name).read_bytes().startswith(begins)


def test_curves_are_drawn_as_text(tmp_path: Path) -> None:
    results(tmp_path / "results", WORSE)

    drawn = in_process("compare", "results", "--plot", "-", "--metric", "val_nll", cwd=tmp_path).stdout

    assert "val_nll: o logits, x probs" in drawn
    assert "\x1b" not in drawn
