"""Hostile names: refused where they become paths, shown harmless where they are text."""

from __future__ import annotations

import csv
import json
import re
import sys
from pathlib import Path

import pytest

from logitbench import store
from logitbench.cli.app import main
from logitbench.records import SCHEMA_VERSION, FailureRecord
from tests.cli.command import in_process, logitbench
from tests.handmade import epoch, publish, run_record
from tests.hostile.material import TEXTS
from tests.hostile.test_fuzz import seal

CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
MODEL = '[data]\nsource = "breast-cancer"\n[model]\nname = "mlp"\n'


def require_harmless(text: str) -> None:
    assert not CONTROL.search(text), text
    assert "Traceback" not in text


@pytest.mark.parametrize("name", [text for text in TEXTS if "\0" not in text])
def test_a_hostile_name_becomes_no_path(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    (folder / "mine.toml").write_text(f"name = {json.dumps(name)}\n{MODEL}")

    for command in (["run", f"--name={name}"], ["run", "mine.toml"]):
        require_harmless(in_process(*command, cwd=folder, expect=2).stderr)

    assert [path.relative_to(folder) for path in tmp_path.rglob("*") if path.is_file()] == [Path("mine.toml")]


@pytest.mark.parametrize(
    "name",
    # A name with a colon may be a model, for which a process with TensorFlow looks: one is enough.
    [pytest.param(name, marks=pytest.mark.slow if name.startswith("[link=") else ()) for name in TEXTS],
)
def test_a_hostile_word_is_refused_wherever_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for command in (
        ["run", "--arms", name],
        ["run", "--precision", name],
        ["run", f"--set={name}"],
        ["run", "--set", f"model.name={name}"],
        ["run", "csv", "--data", name],
        *([["run", f"{name}.toml"], ["doctor", f"{name}-"]] if "\0" not in name else []),
        ["compare", ".", "--metric", name],
        *([["compare", f"{name}-"], ["export", ".", "-o", f"{name}.csv"]] if "\0" not in name else []),
    ):
        monkeypatch.setattr(sys, "argv", ["logitbench", *command])
        with pytest.raises(SystemExit) as ended:
            main()

        said = capsys.readouterr()
        assert ended.value.code in (2, 3), (command, said)
        assert said.out == ""
        require_harmless(said.err)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_hostile_labels_and_columns_are_trained_on_and_shown_harmless(
    tmp_path: Path, no_tensorflow: dict[str, str]
) -> None:
    labels = [text for text in TEXTS if text.strip() and "\0" not in text]
    features = [text for text in labels if text != "x" * 300]
    with (tmp_path / "mine.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["label", *features])
        for row in range(20 * len(labels)):
            writer.writerow([labels[row % len(labels)], *[(row * k) % 7 for k in range(len(features))]])

    run = ("run", "csv", "--data", "mine.csv", "--seeds", "1", "--epochs", "1", "--arms", "logits")
    done = logitbench(*run, cwd=tmp_path)

    require_harmless(done.stdout + done.stderr)
    for command in (["compare", "results"], ["compare", "results", "--format", "markdown"], ["doctor"]):
        require_harmless(in_process(*command, cwd=tmp_path, environment=no_tensorflow).stdout)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.csv", "results"]
    (run_file,) = tmp_path.glob("results/*/*/run.json")
    assert sorted(json.loads(run_file.read_text())["dataset"]["classes"]) == sorted(labels)


FIRST = {"nul\0byte", "\x1b]0;title\x07", "<script>alert(1)</script>", "{{ 7 * 7 }}"}
"""Of each kind one: a byte, an order to a terminal, one to a browser, one to a template. The others take long."""


@pytest.mark.parametrize(
    "text", [pytest.param(text, marks=() if text in FIRST else pytest.mark.slow) for text in TEXTS if text]
)
def test_results_of_another_are_shown_harmless(tmp_path: Path, no_tensorflow: dict[str, str], text: str) -> None:
    run = store.create_run(tmp_path / "results", run_record(("logits", "probs"), seeds=3))
    publish(run, [epoch("logits"), epoch("probs")], 0, warnings=[text])
    failure = FailureRecord(schema_version=SCHEMA_VERSION, seed=1, kind=text, message=text, hint=text)
    store.record_failure(run, failure)
    table = json.loads((run / "run.json").read_text())
    table["spec"]["name"] = table["environment"]["keras"] = table["created"] = text
    seal(run / "run.json", table)

    for command in ("compare", "doctor"):
        done = in_process(command, "results", cwd=tmp_path, expect=None, environment=no_tensorflow)
        assert done.returncode in (0, 1), done.stderr
        require_harmless(done.stdout + done.stderr)
