"""Mistakes: each gives one clear message, its exit code, and leaves nothing behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.command import in_process, logitbench

TOML = '[data]\nsource = "breast-cancer"\n[model]\nname = "mlp"\n'

WRONG_COMMANDS = [
    (["run", "language-familly"], 2, ["no experiment 'language-familly'", "'language-family'"]),
    (["run", "missing.toml"], 2, ["no experiment file 'missing.toml'"]),
    (["run", "--arms", "logits,prob"], 2, ["no arm 'prob'", "'probs'"]),
    (["run", "--arms", "logits,logits"], 2, ["named twice"]),
    (["run", "--arms", ""], 2, ["no arm ''"]),
    (["run", "--epochs", "0"], 2, ["training.epochs", "greater than or equal to 1", "got 0"]),
    (["run", "--epochs", "three"], 2, ["training.epochs", "valid integer", "got 'three'"]),
    (["run", "--seeds", "0"], 2, ["pairs.seeds", "got 0"]),
    (["run", "--seeds", "-1"], 2, ["pairs.seeds", "got -1"]),
    (["run", "--batch-size", "0"], 2, ["training.batch_size", "got 0"]),
    (["run", "--precision", "float8"], 2, ["training.precision", "mixed_float16", "got 'float8'"]),
    (["run", "--engine", "turbo"], 2, ["training.engine", "lockstep", "got 'turbo'"]),
    (["run", "--workers", "0"], 2, ["--workers", "at least 1, got '0'"]),
    (["run", "--workers", "all"], 2, ["got 'all'"]),
    (["run", "--set", "training.epoch=3"], 2, ["unknown key 'training.epoch'", "'epochs'"]),
    (["run", "--set", "epochs=3"], 2, ["--set takes section.key=value", "'epochs=3'"]),
    (["run", "--set", "training.epochs"], 2, ["--set takes section.key=value"]),
    (["run", "--set", "trainig.epochs=3"], 2, ["unknown key 'trainig'", "'training'"]),
    (["run", "--set", "name.first=x"], 2, ["'name' is a value, not a section"]),
    (["run", "--set", "model.name=text-averege"], 2, ["no model 'text-averege'", "'text-average'"]),
    (["run", "--set", "model.dropuot=0.1"], 2, ["unknown key 'dropuot'", "'dropout'"]),
    (["run", "--set", "model.dropout=1.5"], 2, ["dropout", "got 1.5"]),
    (["run", "--set", "data.source=clrd"], 2, ["no data source 'clrd'", "'cldr'"]),
    (["run", "--set", "data.ngrams=3"], 2, ["unknown key 'ngrams'", "'ngram'"]),
    (["run", "--set", "head.activation=relu"], 2, ["head.activation", "'sigmoid'", "got 'relu'"]),
    (["run", "language", "--set", "head.activation=sigmoid"], 2, ["two classes, and the data has 18"]),
    (["run", "--name", "../escape"], 2, ["'../escape' cannot be the name of a run"]),
    (["run", "--name", "a" * 256], 2, ["cannot be the name of a run"]),
    (["run", "--data", "x.csv"], 2, ["--data x.csv", "comes with the packages", "logitbench run csv --data x.csv"]),
    (["run", "csv"], 2, ["say which file: --data PATH"]),
    (["run", "csv", "--data", "missing.csv"], 3, ["missing.csv"]),
    (["run", "imdb", "--data", "missing.tar.gz"], 3, ["missing.tar.gz", "aclImdb"]),
    (["run", "--results", "occupied"], 2, ["cannot write results", "occupied"]),
    (["run", "--epoch", "3"], 2, ["--epoch"]),
    (["rum"], 2, ["rum"]),
    (["compare", "nowhere"], 2, ["no results folder nowhere"]),
    (["compare", "empty"], 2, ["no run in empty", "logitbench run"]),
    (["compare", "empty", "--format", "yaml"], 2, ["no format 'yaml'", "table"]),
    (["compare"], 2, ["RESULTS"]),
    (["run", "--arms", "logits", "--arms", "prob"], 2, ["no arm 'prob'"]),
    (["run", "--arms", "logits", "--arms", "probs,logits"], 2, ["named twice in logits, probs, logits"]),
    (["run", "--epochs", "1", "--epochs", "2"], 2, ["--epochs is given 2 times", "Give it once"]),
    (["run", "--deterministic", "--no-deterministic"], 2, ["--deterministic is given 2 times"]),
    (["run", "--epochs", "1", "--set", "training.epochs=2"], 2, ["training.epochs is set twice, to 1 and 2"]),
    (["run", "--set", "model.dropout=0.1", "--set", "model.dropout=0.2"], 2, ["model.dropout is set twice"]),
    (["compare", "empty", "--at", "last", "--at", "best:val_nll"], 2, ["--at is given 2 times"]),
    (["report", "empty", "-o", "a.html", "--output", "b.html"], 2, ["--output is given 2 times"]),
    (["check", "--backend", "jax", "--backend", "torch"], 2, ["--backend is given 2 times"]),
    (["check", "--select", "LB1", "--select", "E501"], 2, ["'E501'"]),
    (["probe", "sweep", "--from", "1", "--from", "2"], 2, ["--from is given 2 times"]),
    (
        ["probe", "activations", "--set", "relu.max_value=1", "--set", "relu.max_value=2"],
        2,
        ["relu.max_value is set twice"],
    ),
    (["report", "empty", "-o", "r.pdf"], 2, ["report writes HTML, and r.pdf does not end in .html", "compare -o"]),
    (["report", "empty", "-o", "page.txt"], 2, ["page.txt does not end in .html"]),
    (["report", "empty", "-o", "page"], 2, ["page does not end in .html"]),
    (["export", "empty", "-o", "epochs.xlsx"], 2, ["no ending '.xlsx'", ".csv"]),
    (["export", "empty", "-o", "epochs.csv"], 2, ["no run in empty"]),
    (["export", "empty"], 2, ["--output"]),
    (["export", "empty", "-o", "epochs"], 2, ["no ending ''"]),
    (["export", "empty", "-o", ".csv"], 2, ["no ending ''"]),
    (["export", "nowhere", "-o", "epochs.csv"], 2, ["no results folder nowhere"]),
    (["compare", "occupied"], 2, ["occupied is a file, not a folder of results"]),
    (["compare", "empty", "--baseline"], 2, ["--baseline"]),
    (["doctor", "nowhere"], 2, ["no results folder nowhere"]),
    (["doctor", "empty", "--repiar"], 2, ["--repiar"]),
    (["list", "digits"], 2, ["digits"]),
    (["list", "--path"], 2, ["--path"]),
    (["--verison"], 2, ["--verison"]),
    (["run", "digits", "imdb"], 2, ["run takes one experiment, got 'digits' and 'imdb'", "one after the other"]),
    (["run", "csv", "spam.csv"], 2, ["To train on spam.csv: logitbench run csv --data spam.csv"]),
    (["run", "csv", "my spam.csv"], 2, ["logitbench run csv --data 'my spam.csv'"]),
    (["run", "imdb", "occupied"], 2, ["logitbench run imdb --data occupied"]),
    (["run", "spam.csv"], 2, ["'spam.csv' is data, not an experiment", "logitbench run csv --data spam.csv"]),
    (["run", "my spam.csv"], 2, ["logitbench run csv --data 'my spam.csv'"]),
    (["run", "csv", "--data", "empty"], 3, ["empty is a folder, and there is no data file in it", ".csv"]),
    (["run", "--resume", "--needed"], 2, ["--resume and --needed exclude each other"]),
    (["run", "--name", ""], 2, ["'' cannot be the name of a run"]),
    (["run", "--trial-timeout", "0"], 2, ["--trial-timeout", "a number above 0, got '0'"]),
    (["run", "--trial-timeout", "soon"], 2, ["a number above 0, got 'soon'"]),
    (["run", "--trial-timeout", "nan"], 2, ["a number above 0, got 'nan'"]),
    (["run", "--workers", "1.5"], 2, ["got '1.5'"]),
    (["run", "--workers", "-1"], 2, ["got '-1'"]),
    (["run", "--epochs", "1e3"], 2, ["training.epochs", "got"]),
    (["run", "--epochs", "[1"], 2, ["training.epochs", "got '[1'"]),
    (["run", "--seeds", "2.5"], 2, ["pairs.seeds", "got 2.5"]),
    (["run", "--batch-size", "-4"], 2, ["training.batch_size", "got -4"]),
    (["run", "--precision", ""], 2, ["training.precision", "got ''"]),
    (["run", "--set", ""], 2, ["--set takes section.key=value", "''"]),
    (["run", "--set", "=3"], 2, ["--set takes section.key=value", "'=3'"]),
    (["run", "--set", "training.optimizer=adma"], 2, ["adma"]),
    (["run", "empty"], 2, ["no experiment 'empty'"]),
    (["run", "--data"], 2, ["--data"]),
]


@pytest.mark.parametrize(
    ("command", "code", "said"),
    WRONG_COMMANDS,
    ids=lambda value: " ".join(map(str, value)) if isinstance(value, list) else "",
)
def test_a_wrong_command_is_refused_with_its_reason(
    tmp_path: Path, command: list[str], code: int, said: list[str]
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "occupied").write_text("a file")

    done = in_process(*command, cwd=tmp_path, expect=code)

    message = " ".join(done.stderr.replace("│", " ").split())
    for part in said:
        assert part in message
    assert done.stdout == ""
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["occupied"]


FILES: dict[str, tuple[str | bytes, int, list[str]]] = {
    "latin.csv": (b"text,label\ncaf\xe9,1\n", 3, ["is not UTF-8: byte 0xe9", "--set data.encoding=cp1252"]),
    "one_class.csv": ("text,label\na film,1\nb film,1\nc film,1\n", 3, ["every row has the same label", "two classes"]),
    "words.csv": ("x,label\n1,0\nmany,1\n3,0\n4,1\n", 3, ["no numeric column beside the label", "Known: label, x."]),
    "infinite.csv": ("x,label\n1,0\ninf,1\n3,0\n4,1\n", 3, ["inf", "'x'"]),
    "no_label.csv": ("text,class\na,0\nb,1\n", 2, ["no column 'label'"]),
    "empty.csv": ("", 3, ["empty.csv"]),
    "header_only.csv": ("text,label\n", 3, ["header_only.csv"]),
}


@pytest.mark.parametrize("name", list(FILES))
def test_a_file_that_cannot_be_used_is_refused_with_its_reason(tmp_path: Path, name: str) -> None:
    content, code, said = FILES[name]
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())

    done = in_process("run", "csv", "--data", name, cwd=tmp_path, expect=code)

    for part in said:
        assert part in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == [name]


def test_a_folder_of_data_files_is_answered_with_what_to_type(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "spam.csv").write_text("text,label\na,1\n")

    done = in_process("run", "csv", "--data", "folder", cwd=tmp_path, expect=3)

    assert "folder is a folder; the data files in it: spam.csv" in done.stderr
    assert "--data folder/spam.csv" in done.stderr


def test_a_nan_among_features_leaves_its_row_out_and_says_so(tmp_path: Path) -> None:
    rows = "".join(f"{i % 7},{i % 5},{i % 2}\n" for i in range(60))
    (tmp_path / "features.csv").write_text("x,y,label\nnan,1,0\n" + rows)

    run = ("run", "csv", "--data", "features.csv", "--seeds", "1", "--epochs", "1", "--arms", "logits")
    done = logitbench(*run, cwd=tmp_path)

    assert "1 of 61 rows was left out" in done.stderr


def test_a_text_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "latin.csv").write_bytes("text,label\ncafé,1\nthé,0\n".encode("latin-1"))

    done = in_process("run", "csv", "--data", "latin.csv", cwd=tmp_path, expect=3)

    assert "UTF-8" in done.stderr


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("name = [", "is not a TOML file"),
        ("[data]\nsource = 'digits'\n", "'model' is missing"),
        (TOML + "[trainng]\nepochs = 1\n", "Did you mean 'training'?"),
        (TOML + "[training]\nepochs = 'many'\n", "training.epochs should be a valid integer"),
        ("name = '../up'\n" + TOML, "name should"),
    ],
)
def test_an_experiment_file_that_is_wrong_is_refused(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "mine.toml").write_text(content)

    assert said in in_process("run", "mine.toml", cwd=tmp_path, expect=2).stderr


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("mine:raising", "raised RuntimeError: no trunk"),
        pytest.param("mine:headed", "has a head already", marks=pytest.mark.slow),
        pytest.param("mine:missing", "cannot get 'missing'", marks=pytest.mark.slow),
        pytest.param("nothing_here:trunk", "No module named 'nothing_here'", marks=pytest.mark.slow),
    ],
)
def test_a_users_module_that_is_wrong_is_refused_and_leaves_no_run(tmp_path: Path, target: str, said: str) -> None:
    (tmp_path / "mine.py").write_text(
        "import keras\n"
        "def raising(input_shape, num_classes):\n"
        "    raise RuntimeError('no trunk')\n"
        "def headed(input_shape, num_classes):\n"
        "    return keras.Sequential([keras.Input(input_shape), keras.layers.Dense(1, activation='sigmoid')])\n"
    )

    done = logitbench("run", "breast-cancer", "--set", f"model.name={target}", "--seeds", "1", cwd=tmp_path, expect=2)

    assert said in done.stderr
    assert list(tmp_path.glob("results/*/*")) == []


def test_an_error_of_tensorflow_is_shown_once_by_the_line_that_says_what_is_wrong_and_without_resume(
    tmp_path: Path,
) -> None:
    (tmp_path / "mine.py").write_text(
        "import keras, tensorflow as tf\n"
        "class Positive(keras.layers.Layer):\n"
        "    def call(self, x):\n"
        "        with tf.control_dependencies([tf.debugging.assert_less(x, -1e9, message='features are too large')]):\n"
        "            return tf.identity(x)\n"
        "def trunk(input_shape, num_classes):\n"
        "    return keras.Sequential([keras.Input(input_shape), Positive()])\n"
    )
    command = ["run", "breast-cancer", "--set", "model.name=mine:trunk", "--seeds", "2", "--epochs", "1", "-q"]
    command += ["--arms", "logits", "--workers", "1"]

    said = logitbench(*command, cwd=tmp_path, expect=4).stderr

    assert "error: seed 0, 1: training raised InvalidArgumentError: " in said.replace("seed 1, 0", "seed 0, 1")
    assert "features are too large" in said.splitlines()[0]
    assert said.count("InvalidArgumentError") == 1
    assert "--resume" not in said
    assert "would fail again" in said


def test_debug_shows_where_an_error_came_from(tmp_path: Path) -> None:
    from subprocess import run
    from sys import executable

    done = run(
        [executable, "-m", "logitbench", "--debug", "run", "nothing"], cwd=tmp_path, capture_output=True, text=True
    )

    assert done.returncode == 2
    assert "Traceback" in done.stderr
