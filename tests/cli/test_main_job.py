"""What a newcomer does: run, compare, export."""

from __future__ import annotations

import json
import subprocess
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from logitbench.records import EPOCH_COLUMNS
from tests.cli.command import in_process, logitbench
from tests.conftest import shared_data


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """The default experiment, run in an empty folder."""
    folder = tmp_path_factory.mktemp("empty")
    return folder, logitbench("run", "--epochs", "3", "--seeds", "2", "--workers", "2", cwd=folder)


def test_run_shows_the_arms_side_by_side_with_verdict_folder_and_next_step(
    done: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    _, run = done

    assert "IDENTICAL" in run.stdout
    assert "[fused]" in run.stdout
    assert "points come from the metric's threshold, 0.00 from training" in " ".join(run.stdout.split())
    assert "Results: results/language-family/" in run.stdout
    assert "logitbench export results/language-family/" in run.stdout


def test_run_tells_each_epoch_on_stderr_in_plain_text(done: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    _, run = done

    told = [line for line in run.stderr.splitlines() if line.startswith("seed ")]
    assert sorted(line.split("  ")[0] for line in told) == [f"seed {s} epoch {e}/3" for s in (0, 1) for e in (1, 2, 3)]
    assert "\x1b" not in run.stderr + run.stdout


def test_compare_and_export_give_the_same_figures(done: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder, run = done

    compared = logitbench("compare", "results/", cwd=folder)
    in_process("export", "results/", "-o", "epochs.csv", cwd=folder)

    assert compared.stdout.strip() in run.stdout
    table = pd.read_csv(folder / "epochs.csv")
    assert tuple(table.columns) == EPOCH_COLUMNS
    assert len(table) == 2 * 3 * 2
    csv = in_process("compare", "results", "--format", "csv", "--metric", "val_nll", cwd=folder).stdout
    means = pd.read_csv(StringIO(csv))
    for row in means.itertuples():
        chosen = table[(table["arm"] == row.arm) & (table["epoch"] == row.epoch)]["val_nll"]
        assert row.mean == pytest.approx(chosen.mean(), abs=1e-15)


def test_the_two_heads_learned_the_same_and_print_different_accuracies(
    done: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    folder, _ = done
    in_process("export", "results", "-o", "epochs.json", cwd=folder)

    rows = json.loads((folder / "epochs.json").read_text())
    for ours in rows:
        theirs = next(
            row
            for row in rows
            if row["arm"] != ours["arm"] and (row["seed"], row["epoch"]) == (ours["seed"], ours["epoch"])
        )
        assert ours["val_loss"] == theirs["val_loss"]
        assert ours["val_matched_accuracy"] == theirs["val_matched_accuracy"]
        if ours["epoch"] == 1 and ours["arm"] == "logits":
            assert ours["val_accuracy"] < theirs["val_accuracy"] - 0.05


def test_the_same_command_gives_the_same_bits_whatever_the_number_of_workers(
    tmp_path: Path, done: tuple[Path, subprocess.CompletedProcess[str]]
) -> None:
    with_two, _ = done
    logitbench("run", "--epochs", "3", "--seeds", "2", "--workers", "1", "-q", cwd=tmp_path)

    tables = []
    for folder in (with_two, tmp_path):
        in_process("export", "results", "-o", tmp_path / "epochs.csv", cwd=folder)
        table = pd.read_csv(tmp_path / "epochs.csv", dtype=str)
        tables.append(table.drop(columns=["run_id", "seconds"]))

    pd.testing.assert_frame_equal(tables[0], tables[1])


def test_the_clipped_and_the_doubled_path_stop_learning_on_raw_features(tmp_path: Path) -> None:
    arms = "logits,probs,probs-clipped,double"
    command = ["run", "breast-cancer-raw", "--arms", arms, "--epochs", "12", "--seeds", "2", "--workers", "1"]
    run = logitbench(*command, cwd=tmp_path)
    in_process("export", "results", "-o", "epochs.csv", cwd=tmp_path)

    table = pd.read_csv(tmp_path / "epochs.csv")
    paths = table.groupby("arm")["loss_path"].unique().str.join("/").to_dict()
    assert paths == {"logits": "fused", "probs": "fused", "probs-clipped": "clipped", "double": "double"}
    by_arm: Any = table.set_index(["arm", "epoch", "seed"]).sort_index()
    for stuck in ("probs-clipped", "double"):
        assert by_arm.loc[(stuck, 12)]["val_nll"].tolist() == by_arm.loc[(stuck, 1)]["val_nll"].tolist()
        assert (by_arm.loc[(stuck, 12)]["dead_fraction"] > 0.3).all()
        assert f"{stuck}: " in run.stdout
    assert (by_arm.loc[("logits", 12)]["val_nll"] < by_arm.loc[("logits", 1)]["val_nll"] / 5).all()


@pytest.mark.slow
def test_softmax_heads_run_with_class_numbers_and_with_one_hot_labels(tmp_path: Path) -> None:
    for labels in ("sparse", "one-hot"):
        arms = "logits,probs,probs-clipped,double,raw"
        command = ["run", "digits-raw", "--arms", arms, "--epochs", "2", "--seeds", "1", "-q", "--name", labels]
        logitbench(*command, "--set", f"head.labels={labels}", cwd=tmp_path)
    logitbench("export", "results", "-o", "epochs.csv", cwd=tmp_path)

    table = pd.read_csv(tmp_path / "epochs.csv")
    for _, run in table.groupby("run_id"):
        assert list(dict.fromkeys(run["loss_path"])) == ["fused", "clipped", "double", "raw"]
    sparse, one_hot = (table[(table["run_id"] == name) & (table["arm"] == "logits")] for name in ("sparse", "one-hot"))
    assert sparse["val_nll"].to_numpy() == pytest.approx(one_hot["val_nll"].to_numpy(), abs=1e-5)


@pytest.mark.slow
def test_the_fit_engine_gives_the_same_table(tmp_path: Path) -> None:
    for engine in ("lockstep", "fit"):
        command = ["run", "breast-cancer", "--seeds", "1", "--epochs", "3", "--engine", engine, "--name", engine, "-q"]
        logitbench(*command, cwd=tmp_path)
    logitbench("export", "results", "-o", "epochs.csv", cwd=tmp_path)

    table = pd.read_csv(tmp_path / "epochs.csv")
    lockstep, fit = (
        table[table["run_id"] == engine].drop(columns=["run_id", "seconds"]) for engine in ("lockstep", "fit")
    )
    pd.testing.assert_frame_equal(lockstep.reset_index(drop=True), fit.reset_index(drop=True), rtol=0, atol=1e-6)


def test_a_users_own_file_and_model_are_run(tmp_path: Path) -> None:
    rows = "".join(f"{'good' if i % 2 else 'bad'} film {i},{'yes' if i % 2 else 'no'}\n" for i in range(80))
    (tmp_path / "films.csv").write_text("review,liked\n" + rows)
    (tmp_path / "mine.py").write_text(
        "import keras\n"
        "def trunk(input_shape, num_classes, vocabulary_size, width=4):\n"
        "    return keras.Sequential([keras.Input(input_shape, dtype='int32'),\n"
        "        keras.layers.Embedding(vocabulary_size, width), keras.layers.GlobalMaxPooling1D()])\n"
    )
    settings = ["data.text=review", "data.label=liked", "model.name=mine:trunk", "model.width=3"]

    run = logitbench(
        "run", "csv", "--data", "films.csv", "--seeds", "1", "--epochs", "2",
        *(part for setting in settings for part in ("--set", setting)), cwd=tmp_path,
    )  # fmt: skip

    assert "IDENTICAL" in run.stdout
    assert "films / " in run.stdout
    assert [place.name for place in (tmp_path / "results").iterdir()] == ["films"]


@pytest.mark.slow
def test_two_files_of_one_name_stand_apart_and_a_file_that_moved_is_pooled(tmp_path: Path) -> None:
    for folder, shift in (("old", 0), ("new", 0), ("other", 1)):
        (tmp_path / folder).mkdir()
        rows = "".join(f"{row % 7},{(row + shift) % 5},{'yes' if row % 3 else 'no'}\n" for row in range(60))
        (tmp_path / folder / "spam.csv").write_text(f"a,b,label\n{rows}")
        logitbench("run", "csv", "--data", f"{folder}/spam.csv", "--seeds", "1", "--epochs", "1", cwd=tmp_path)

    found = json.loads(logitbench("compare", "results", "--format", "json", cwd=tmp_path).stdout)["comparisons"]

    assert [one["experiment"] for one in found] == ["spam", "spam"]
    assert all("runs of spam that differ are not pooled: the data differ." in one["notes"] for one in found)
    needed = ("run", "csv", "--data", "new/spam.csv", "--seeds", "1", "--epochs", "1", "--needed")
    assert "1 of 1 seeds are finished" in logitbench(*needed, cwd=tmp_path).stderr


@pytest.mark.slow
def test_real_sentences_from_a_csv_are_run(tmp_path: Path) -> None:
    path = shared_data("rt-polarity.csv")

    run = logitbench("run", "csv", "--data", path, "--seeds", "1", "--epochs", "1", cwd=tmp_path)

    assert "IDENTICAL" in run.stdout


@pytest.mark.slow
def test_the_tutorial_gives_the_webs_figures_and_their_cause(tmp_path: Path) -> None:
    path = shared_data("aclImdb_labelled.tar.gz")
    run = logitbench("run", "imdb", "--epochs", "3", "--data", path, "--seeds", "2", cwd=tmp_path)
    logitbench("export", "results", "-o", "epochs.csv", cwd=tmp_path)

    table = pd.read_csv(tmp_path / "epochs.csv")
    means: Any = table.groupby(["arm", "epoch"])[["val_loss", "val_accuracy", "val_matched_accuracy"]].mean()
    logits, probs = means.loc["logits"], means.loc["probs"]
    assert logits["val_loss"].tolist() == probs["val_loss"].tolist()
    assert logits["val_loss"].tolist() == pytest.approx([0.613, 0.495, 0.421], abs=0.02)
    assert logits["val_accuracy"][1] < probs["val_accuracy"][1] - 0.1
    assert logits["val_matched_accuracy"].tolist() == probs["val_matched_accuracy"].tolist()
    assert "points come from the metric's threshold, 0.00 from training" in " ".join(run.stdout.split())


def test_what_lockstep_cannot_do_exactly_is_done_by_fit_and_said(tmp_path: Path) -> None:
    options = ("--arms", "logits", "--seeds", "1", "--epochs", "1", "--precision", "mixed_bfloat16")

    run = logitbench("run", "breast-cancer", *options, cwd=tmp_path)

    assert "In mixed_bfloat16 lockstep is not exact" in run.stderr
    assert "engine fit" in run.stdout
    (trial,) = tmp_path.glob("results/*/*/seed-0000/trial.json")
    assert json.loads(trial.read_text())["engine"] == "fit"


def test_a_run_records_how_many_validation_examples_each_class_has(
    done: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    folder, _ = done
    (run,) = folder.glob("results/language-family/*/run.json")
    dataset = json.loads(run.read_text())["dataset"]
    assert len(dataset["val_counts"]) == len(dataset["classes"]) == 2
    assert min(dataset["val_counts"]) > 100


@pytest.mark.slow
def test_a_run_that_learned_nothing_says_so_in_every_output(tmp_path: Path) -> None:
    rows = [f"{['alpha', 'beta', 'gamma'][i % 3]},{'spam' if i % 10 == 3 else 'ham'}" for i in range(900)]
    (tmp_path / "mail.csv").write_text("\n".join(["text,label", *rows]) + "\n")
    told = (
        "both arms predict 'ham' for every validation example (90.0 %) and learned no more than the class shares; "
        "this run cannot tell the heads apart"
    )

    run = logitbench("run", "csv", "--data", "mail.csv", "--epochs", "2", "--seeds", "1", cwd=tmp_path)
    compared = json.loads(logitbench("compare", "results", "--format", "json", cwd=tmp_path).stdout)
    logitbench("report", "results", cwd=tmp_path)

    assert f"weak: {told}." in " ".join(run.stdout.split())
    assert compared["comparisons"][0]["pairs"][0]["doubts"] == [told]
    assert told.replace("'", "&#39;") in (tmp_path / "report.html").read_text()
