from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from logitbench.catalogue import shipped
from tests.cli.command import in_process, logitbench
from tests.test_imports import LEARNING, imported

SMALL = ("probe", "sampling", "--vocabulary", "300", "--draws", "500")


def test_three_tables_and_what_follows_are_printed(tmp_path: Path) -> None:
    said = in_process(*SMALL, cwd=tmp_path).stdout
    assert "Chances of the likeliest tokens: Zipf's law over 300 tokens, named by rank" in said
    assert "Held against float64 logits" in said
    assert "The top 50 of the logits, then softmax - or softmax, then its top 50" in said
    assert "temperature 0.7" in said
    assert "top-p 0.9" in said
    assert max(map(len, said.splitlines())) <= 124


@pytest.mark.slow
def test_the_knobs_are_those_that_are_given(tmp_path: Path) -> None:
    knobs = ("--top-k", "7", "--top-p", "0.35", "--temperature", "1.5", "--seed", "3", "--format", "json")
    rows = json.loads(in_process(*SMALL, *knobs, cwd=tmp_path).stdout)
    assert {(row["strategy"], row["setting"]) for row in rows} == {
        ("greedy", None),
        ("temperature", 1.5),
        ("top-k", 7),
        ("top-p", 0.35),
    }
    again = json.loads(in_process(*SMALL, *knobs, cwd=tmp_path).stdout)
    assert rows == again


@pytest.mark.slow
@pytest.mark.parametrize(("vocabulary", "top_k"), [("300", 50), ("60", 30), ("3", 1)])
def test_top_k_is_50_or_half_of_fewer_than_100(tmp_path: Path, vocabulary: str, top_k: int) -> None:
    said = in_process("probe", "sampling", "--vocabulary", vocabulary, "--draws", "10", cwd=tmp_path).stdout
    assert f"top-k {top_k} " in said


@pytest.mark.parametrize(
    ("ending", "begins"),
    [
        (".json", '[\n {\n  "context": 0,'),
        (".csv", "context,strategy,setting,representation,precision,quantity,token,value\n"),
        (".md", "### Chances of"),
        (".html", "<!doctype html>"),
    ],
)
def test_a_file_has_the_format_of_its_ending(tmp_path: Path, ending: str, begins: str) -> None:
    done = in_process(*SMALL, "-o", f"out{ending}", cwd=tmp_path)
    assert done.stdout == ""
    assert (tmp_path / f"out{ending}").read_text(encoding="utf-8").startswith(begins)


def test_csv_and_json_say_the_same(tmp_path: Path) -> None:
    as_csv = list(csv.DictReader(in_process(*SMALL, "--format", "csv", cwd=tmp_path).stdout.splitlines()))
    as_json = json.loads(in_process(*SMALL, "--format", "json", cwd=tmp_path).stdout)
    assert [row["value"] for row in as_csv] == ["" if row["value"] is None else str(row["value"]) for row in as_json]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--temperature", "0"], ["--temperature should be a number above 0, got 0.0", "Greedy choice"]),
        (["--temperature", "-1"], ["got -1.0"]),
        (["--temperature", "nan"], ["got nan"]),
        (["--top-k", "0"], ["--top-k should be from 1 to 32,000, the number of tokens, got 0"]),
        (["--top-k", "32001"], ["got 32,001", "Take a smaller k"]),
        (["--vocabulary", "10", "--top-k", "11"], ["from 1 to 10,", "got 11"]),
        (["--vocabulary", "1"], ["--vocabulary should be from 2 to 1,000,000, got 1"]),
        (["--top-p", "0"], ["--top-p should be above 0 and at most 1, got 0.0"]),
        (["--top-p", "1.5"], ["got 1.5"]),
        (["--draws", "0"], ["--draws should be from 1 to 10,000,000, got 0"]),
        (["--seed", "-1"], ["--seed"]),
        (["--format", "yaml"], ["no format 'yaml'"]),
        (["-o", "out.tex"], ["no ending '.tex'"]),
        (["--experiment", "next-charakter"], ["no experiment 'next-charakter'", "'next-character'"]),
        (["--experiment", "next-character", "--vocabulary", "9"], ["--vocabulary goes without --experiment"]),
        (["--experiment", "breast-cancer"], ["'breast-cancer' has a sigmoid", "next-character"]),
        (["--experiment", "digits", "--top-k", "11"], ["from 1 to 10, the number of tokens, got 11"]),
    ],
    ids=lambda value: " ".join(value[:4]),
)
def test_a_mistake_gives_one_clear_message_and_leaves_nothing(
    tmp_path: Path, arguments: list[str], told: list[str]
) -> None:
    done = in_process("probe", "sampling", *arguments, cwd=tmp_path, expect=2)
    assert done.stdout == ""
    for part in told:
        assert part in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_zipf_law_takes_no_learning_library_and_help_none_that_is_slow() -> None:
    found = imported("-m", "logitbench", *SMALL)
    assert "ml_dtypes" in found
    assert found & (LEARNING | {"pandas", "scipy", "sklearn"}) == set()
    assert "numpy" not in imported("-m", "logitbench", "probe", "sampling", "--help")


@pytest.mark.slow
def test_logits_of_a_trained_experiment_are_taken_and_nothing_else_is_said(tmp_path: Path) -> None:
    done = logitbench("probe", "sampling", "--experiment", "digits", "--draws", "100", cwd=tmp_path)
    assert done.stderr == ""
    assert "digits, trained with seed 0, the first of 32 contexts" in done.stdout
    assert "top-k 5 " in done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_it_is_the_logits_arm_that_is_trained_whatever_arms_an_experiment_has(tmp_path: Path) -> None:
    ours = shipped()["digits"].read_text(encoding="utf-8")
    (tmp_path / "mine.toml").write_text(ours.replace('arms = ["logits", "probs", ', "arms = ["), encoding="utf-8")
    assert 'arms = ["double"]' in (tmp_path / "mine.toml").read_text(encoding="utf-8")
    options = ("--draws", "100", "--format", "csv")
    mine = logitbench("probe", "sampling", "--experiment", "mine.toml", *options, cwd=tmp_path)
    assert mine.stdout == logitbench("probe", "sampling", "--experiment", "digits", *options, cwd=tmp_path).stdout
