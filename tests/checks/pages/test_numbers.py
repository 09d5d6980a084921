"""Every number on a rule's page is computed with the real Keras, TensorFlow or PyTorch."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from logitbench.checks.registry import all_rules
from tests.checks.pages import reading
from tests.checks.pages.claims import CLAIMS, RUNS
from tests.checks.pages.reading import Claim
from tests.cli.command import logitbench
from tests.readme_help import README

PAGES = {code: reading.prose(rule.page) for code, rule in all_rules().items()}
TEXTS = PAGES | {"README": " ".join(README.read_text(encoding="utf-8").replace("*", "").split())}


def name(claim: Claim) -> str:
    return f"{claim.page}-{claim.function}"


@pytest.mark.parametrize("code", PAGES)
def test_every_number_of_a_page_is_in_a_claim(code: str) -> None:
    claimed = {
        found.span(group)
        for claim in (*CLAIMS, *RUNS)
        if claim.page == code
        for found in [claim.find(PAGES[code])]
        for group in range(1, len(claim.blanks()) + 1)
    }
    unclaimed = [one[0] for one in reading.numbers(PAGES[code]) if one.span() not in claimed]
    assert unclaimed == []


@pytest.mark.parametrize("code", PAGES)
def test_no_number_of_a_page_is_a_word_that_cannot_be_computed(code: str) -> None:
    assert reading.NUMBER_WORD.findall(PAGES[code]) == []


@pytest.mark.parametrize("claim", [*CLAIMS, *RUNS], ids=name)
def test_a_claim_stands_once_on_its_page_and_writes_no_number_itself(claim: Claim) -> None:
    claim.find(TEXTS[claim.page])
    assert reading.numbers(reading.BLANK.sub("", claim.text)) == []


def test_an_unclaimed_number_is_seen_in_prose_and_in_comments_of_code() -> None:
    page = "A logit of 17 in float32 costs\n-1,234.5, as `x > 3` says.\n\n    Dense(8)  # or 9\n"
    assert [one[0] for one in reading.numbers(reading.prose(page))] == ["17", "-1,234.5", "3", "9"]


def printed(claim: Claim, backend: str) -> list[tuple[str, str]]:
    """Return the numbers that hold on a backend as they are printed, each with its name."""
    values = claim.find(TEXTS[claim.page]).groups()
    return [(name, value) for (name, where), value in zip(claim.blanks(), values, strict=True) if backend in where]


def number(value: str) -> float:
    return float(value.replace(",", ""))


@cache
def answers(backend: str) -> dict[Claim, dict[str, Any]]:
    """Return what the functions of all claims compute on a backend."""
    asked = [claim for claim in CLAIMS if backend in claim.backends]
    questions = [
        {"function": one.function, "printed": {name: number(value) for name, value in printed(one, backend)}}
        for one in asked
    ]
    done = subprocess.run(
        [sys.executable, "-m", "tests.checks.pages.compute"],
        input=json.dumps(questions),
        env={**os.environ, "KERAS_BACKEND": backend, "CUDA_VISIBLE_DEVICES": "", "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(zip(asked, json.loads(done.stdout.splitlines()[-1]), strict=True))


def require(claim: Claim, backend: str, given: dict[str, float], computed: dict[str, float]) -> None:
    """Compare what is printed with what was computed; every number has to be one or the other."""
    names = printed(claim, backend)
    assert {name for name, _ in names} == set(given) | set(computed), name(claim)
    for key, value in names:
        expected = computed.get(key, given.get(key))
        rounding = 0.5 * 10 ** -reading.decimals(value) + 1e-6
        assert number(value) == pytest.approx(expected, abs=claim.tolerance + rounding, rel=0), key


@pytest.mark.parametrize(
    ("backend", "claim"),
    [
        pytest.param(backend, claim, id=f"{backend}-{name(claim)}", marks=marks)
        for backend, marks in (("tensorflow", ()), ("jax", pytest.mark.slow), ("torch", pytest.mark.slow))
        for claim in CLAIMS
        if backend in claim.backends
    ],
)
def test_the_numbers_of_a_claim_are_those_that_keras_computes(backend: str, claim: Claim) -> None:
    answer = answers(backend)[claim]
    assert "error" not in answer, answer["error"]
    require(claim, backend, answer["given"], answer["computed"])


@pytest.mark.slow
@pytest.mark.parametrize("claim", RUNS, ids=name)
def test_the_numbers_of_a_run_are_those_of_the_command(claim: Claim, tmp_path: Path) -> None:
    command = re.findall(r"`logitbench (run [^`]*)`", claim.find(TEXTS[claim.page])[0])[0].split()
    logitbench(*command, "--quiet", cwd=tmp_path)
    logitbench("export", "results", "-o", "epochs.csv", cwd=tmp_path)
    with (tmp_path / "epochs.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    epochs = max(int(row["epoch"]) for row in rows)
    last = {(row["arm"], row["seed"]): row for row in rows if int(row["epoch"]) == epochs}
    seeds = sorted({seed for _, seed in last})
    arms = {
        arm.replace("-", "_"): sum(float(last[arm, seed][claim.function]) for seed in seeds) / len(seeds)
        for arm, _ in last
    }
    if "probs" in arms:
        assert all(last["probs", seed]["val_loss"] == last["logits", seed]["val_loss"] for seed in seeds)
    wanted = {name for name, _ in claim.blanks()}
    computed = {**arms, "epochs": float(epochs), "seeds": float(len(seeds))}
    require(claim, "tensorflow", {}, {key: value for key, value in computed.items() if key in wanted})
