from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import replace

import numpy as np
import pytest

from logitbench.probes.sampling.chances import Knobs
from logitbench.probes.sampling.records import Head, Sampling
from logitbench.probes.sampling.sampling import probe, zipf
from logitbench.report.grids import PLAIN_WIDTH, render
from logitbench.report.sampling import grids, whole


@pytest.fixture(scope="module")
def found() -> Sampling:
    return probe(zipf(2_000, 0), Knobs(0.7, 50, 0.9), draws=1_000, seed=0)


@pytest.fixture(scope="module")
def broken() -> Sampling:
    rows = np.array([[0.0] * 20, [0.0] * 10 + [2.0] * 10, [50.0] + [0.0] * 19])
    return probe(Head("three", tuple("abcdefghijklmnopqrst"), lambda: rows), Knobs(0.01, 5, 0.9), draws=100, seed=0)


def text(found: Sampling) -> str:
    return render(grids(found), whole(found), "table")


def test_the_table_is_no_wider_than_it_may_be_and_breaks_no_cell(found: Sampling, broken: Sampling) -> None:
    for shown in (found, broken, probe(zipf(300_000, 0), Knobs(0.12, 50, 0.9), draws=999, seed=0)):
        lines = text(shown).splitlines()
        assert max(map(len, lines)) <= PLAIN_WIDTH
        assert sum(line.startswith((" temperature 0.", " greedy", " top-k ", " top-p ")) for line in lines) == 28


def test_chances_stand_side_by_side_and_add_up(found: Sampling) -> None:
    chances, _, _ = grids(found)
    assert chances.columns[2:4] == ("float64\nlogits", "float64\nprobs")
    assert [row[1] for row in chances.rows[:4]] == ["1", "2", "3", "others"]
    for first in range(0, len(chances.rows), 4):
        block = [[cell for cell in row[2:] if isinstance(cell, float)] for row in chances.rows[first : first + 4]]
        assert np.sum(block, axis=0)[0] == pytest.approx(1, abs=1e-12)
        assert 1e-4 < abs(np.sum(block, axis=0)[-1] - 1) < 0.02  # as they are: in bfloat16 they do not add up to 1


def test_what_follows_is_told_with_the_numbers_of_the_table(found: Sampling) -> None:
    _, differences, agreement = grids(found)
    most = max((m for m in found.measured if m.precision != "float64"), key=lambda m: m.other_draws)
    said = " ".join(differences.notes)
    assert f"a distance of {most.distance:.2g}, and {100 * most.other_draws:.2g} % of draws are other tokens" in said
    assert f"up to {found.agreements[0].greatest:.2g} in float64" in agreement.notes[0]
    assert "NaN" not in said


def test_counts_are_added_up_over_contexts_and_shares_averaged(broken: Sampling) -> None:
    _, differences, _ = grids(broken)
    assert "3 contexts" in text(broken)
    row = next(row for row in differences.rows if row[:2] == ("temperature 0.01", "float32"))
    cells = dict(zip(differences.columns[2:], row[2:], strict=True))
    zeros = [
        m.became_zero
        for m in broken.measured
        if (m.strategy, m.precision, m.representation) == ("temperature", "float32", "logits")
    ]
    assert cells["became\n0\nlogits"] == sum(zeros) > 0


def test_the_chances_of_several_contexts_are_those_of_the_first(broken: Sampling) -> None:
    chances, *_ = grids(broken)
    assert chances.title.endswith("three, the first of 3 contexts")
    assert len(chances.rows) == 12
    assert [row[1] for row in chances.rows[4:8]] == ["a", "b", "c", "others"]
    assert [row[2] for row in chances.rows[4:8]] == pytest.approx([0.2, 0.2, 0.2, 0.4])


def test_contexts_without_a_distribution_are_counted_and_not_averaged_away(broken: Sampling) -> None:
    # of 20 and of 10 equal tokens the hundredth power is 0 in float32; one that has all the chance keeps it
    assert "temperature 0.01 from probabilities in float32 (2 of 3 contexts)" in " ".join(text(broken).split())
    row = next(row for row in grids(broken)[1].rows if row[:2] == ("temperature 0.01", "float32"))
    assert math.isnan(float(row[3] or 0))


def test_nothing_is_told_of_what_did_not_happen() -> None:
    same = probe(zipf(2, 0), Knobs(1.0, 1, 1.0), draws=1, seed=3)
    quiet = replace(same, measured=tuple(replace(m, other_draws=0.0, became_zero=0) for m in same.measured))
    assert len(grids(quiet)[1].notes) == 1


def test_json_and_csv_have_every_number_whole(found: Sampling) -> None:
    as_json = json.loads(render(grids(found), whole(found), "json"))
    as_csv = list(csv.DictReader(io.StringIO(render(grids(found), whole(found), "csv"))))
    assert len(as_json) == len(as_csv) == len(found.measured) * 11 + len(found.agreements) * 5
    distances = [row["value"] for row in as_json if row["quantity"] == "distance" and row["strategy"] != "top-k"]
    assert distances == [m.distance for m in found.measured if m.strategy != "top-k"]
    assert [row["value"] for row in as_json] == [float(row["value"]) if row["value"] else None for row in as_csv]
    assert {row["setting"] for row in as_json} == {None, 0.7, 50, 0.9}


@pytest.mark.parametrize("form", ["markdown", "html"])
def test_pages_have_the_three_tables(found: Sampling, form: str) -> None:
    page = render(grids(found), whole(found), form)
    for grid in grids(found):
        assert grid.title.replace("'", "&#39;" if form == "html" else "'") in page
