from __future__ import annotations

import math
import re
from pathlib import Path

import pytest

import logitbench as package
from logitbench import spec
from logitbench.checks.project import project_of
from logitbench.checks.registry import all_rules
from logitbench.heads import ARMS
from logitbench.records import EPOCH_COLUMNS
from tests import readme_help
from tests.cli.command import logitbench
from tests.cli.test_check import WRONG
from tests.conftest import shared_data

TEXT = readme_help.README.read_text(encoding="utf-8")
PACKAGE = Path(package.__file__).parent


def block(after: str) -> str:
    """Return the first fenced block after a text."""
    return TEXT.split(after, 1)[1].split("```", 2)[1].partition("\n")[2]


def test_the_help_pages_are_those_of_the_program() -> None:
    assert readme_help.written() == readme_help.section(), "run: python tests/readme_help.py"


def test_the_picture_of_the_package_names_every_module_and_no_other() -> None:
    picture = TEXT.split("## How it is built", 1)[1].split("## Development", 1)[0]
    named = set(re.findall(r"^  ([a-z_]+(?:\.py|/)) ", picture, re.MULTILINE))
    modules = {path.name for path in PACKAGE.glob("*.py") if not path.name.startswith("__")}
    folders = {f"{path.name}/" for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}

    assert named == modules | folders


def test_every_rule_is_named_with_its_title_and_severity() -> None:
    table = re.findall(r"^\| (LB\d{3}) \| (.*) \| (\w+) \|$", TEXT, re.MULTILINE)
    assert table == [(one.code, one.title, one.severity) for one in all_rules().values()]


def test_the_example_experiment_is_a_valid_one(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(block("## Experiments"))

    assert spec.read(str(path)).model.options == {"width": 32}


def test_the_example_of_a_project_is_a_valid_one(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(block("Settings stand in `pyproject.toml`"))

    assert project_of(tmp_path).select == "LB1,LB2"


def test_the_finding_that_is_shown_is_what_the_program_prints(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "model.py").write_text(WRONG)
    shown = block("whose model is measured\n```")

    assert logitbench("check", "src", cwd=tmp_path, expect=1).stdout == shown


def test_every_arm_and_column_is_named() -> None:
    for name in [*ARMS, *EPOCH_COLUMNS]:
        assert re.search(rf"\b{re.escape(name)}\b", TEXT), name


def test_the_commands_for_a_start_and_for_the_tests_set_everything_up() -> None:
    for after, end in (("## Start", "/logitbench run --epochs 3"), ("## Development", "/pytest")):
        (command,) = block(after).splitlines()
        assert command.startswith("python3 -m venv .venv && .venv/bin/pip install ")
        assert command.endswith(end)


def numbers_and_words(text: str) -> list[str]:
    text = re.sub(r"\d{8}-\d{6}-[0-9a-f]{4}", "RUN", text)
    return re.sub(r"(?<=[a-z]),|[()]", " ", text).split()


def require_the_same_within(shown: list[str], printed: list[str], tolerance: float) -> None:
    assert len(shown) == len(printed)
    for ours, theirs in zip(shown, printed, strict=True):
        if ours.isdigit():  # what is counted
            assert ours == theirs
            continue
        try:
            assert math.isclose(float(ours), float(theirs), abs_tol=tolerance)
        except ValueError:
            assert ours == theirs


@pytest.mark.slow
def test_the_run_that_is_shown_is_what_the_program_prints(tmp_path: Path) -> None:
    run = logitbench("run", "--epochs", "3", cwd=tmp_path)

    # Machines differ in the last digits; 0.3 is for the gap, which is given in points.
    require_the_same_within(numbers_and_words(block("<!-- run: default -->")), numbers_and_words(run.stdout), 0.3)
    figures = re.findall(r"0\.\d{4}", block("<!-- run: default -->"))
    printed = re.findall(r"0\.\d{4}", run.stdout)
    assert [float(one) for one in figures] == pytest.approx([float(one) for one in printed], abs=0.01)


@pytest.mark.slow
def test_the_verdicts_that_are_shown_are_what_the_program_prints(tmp_path: Path) -> None:
    run = logitbench(*block("How two arms are compared").split()[1:], cwd=tmp_path)

    shown = block("<!-- run: ten seeds -->").split()
    printed = run.stdout[run.stdout.index(" ".join(shown[:4])) :].split()[: len(shown)]
    # Where a clipped run ends is decided in its first steps, which no two machines round alike.
    require_the_same_within([word.strip("(,") for word in shown], [word.strip("(,") for word in printed], 20)


@pytest.mark.slow
def test_the_probe_that_is_shown_is_what_the_program_prints(tmp_path: Path) -> None:
    run = logitbench("probe", "loss", "--loss", "binary", "--backend", "all", cwd=tmp_path)

    # How long a rule is depends on the version of rich.
    shown, printed = (
        re.sub(r"keras [\d.]+|─+", "", text).split() for text in (block("<!-- run: probe loss -->"), run.stdout)
    )
    assert shown == printed


@pytest.mark.slow
def test_the_table_of_the_tutorial_is_what_the_program_prints(tmp_path: Path) -> None:
    path = shared_data("aclImdb_labelled.tar.gz")
    run = logitbench("run", "imdb", "--epochs", "3", "--data", path, "--quiet", cwd=tmp_path)

    table = TEXT.split("<!-- run: imdb -->", 1)[1].split("\n\n", 1)[0]
    shown = {line.split("|")[1].strip(): re.findall(r"0\.\d{4}", line) for line in table.splitlines()[3:]}
    for metric, name in (
        ("val_loss", "val_loss"),
        ("val_accuracy", "val_accuracy as printed"),
        ("val_matched_accuracy", "accuracy at the threshold that fits"),
    ):
        rows = [line.split() for line in run.stdout.split(f"  {metric}\n", 1)[1].splitlines()[:3]]
        for arm, column in (("logits", 1), ("probs", 4)):
            printed = [float(row[column]) for row in rows]
            assert [float(one) for one in shown[f"{name}, `{arm}`"]] == pytest.approx(printed, abs=0.01)
