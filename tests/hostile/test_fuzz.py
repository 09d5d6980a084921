"""Every reader, fed what is nearly right: it reads it or says what is wrong, and leaves nothing behind.

python -m tests.hostile.test_fuzz MINUTES      as long for each reader
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from logitbench import doctor, spec, store
from logitbench.catalogue import shipped
from logitbench.data.file import File
from logitbench.errors import LogitbenchError
from tests.handmade import epoch, publish, run_record
from tests.hostile.material import BOMBS, TEXTS

QUICK = 150
SECONDS = 20
"""No input of this size may take longer."""

RUN = run_record(epochs=2, seeds=4)
ROWS = [epoch(arm, number) for number in (1, 2) for arm in ("logits", "probs")]
FRAME = pd.DataFrame({"text": ["a film", "a b", "c", "d e f"] * 5, "x": range(20), "label": [0, 1] * 10})
PARTS = st.one_of(st.binary(max_size=12), st.sampled_from([*(text.encode() for text in TEXTS), *BOMBS]))
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.sampled_from(TEXTS)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=6,
)


@st.composite
def changed(draw: st.DrawFn, contents: list[bytes]) -> bytes:
    """A file with parts cut out, doubled or put in; now and then one from nothing."""
    content = draw(st.sampled_from([*contents, b""]))
    for _ in range(draw(st.integers(1, 5))):
        first, last = sorted(draw(st.tuples(*[st.integers(0, len(content))] * 2)))
        content = content[:first] + draw(PARTS | st.just(content[first:last] * 2)) + content[last:]
    return content


@st.composite
def replaced(draw: st.DrawFn, table: Any) -> Any:
    """A table of JSON with one value replaced by another, left out, or with a key that nobody knows."""
    if not isinstance(table, dict | list) or not table or draw(st.integers(0, 4)) == 0:
        return draw(JSON)
    keys = list(table) if isinstance(table, dict) else range(len(table))
    key = draw(st.sampled_from(keys))
    copy = table.copy()
    if draw(st.integers(0, 6)) == 0:
        del copy[key]
    elif isinstance(copy, dict) and draw(st.integers(0, 6)) == 0:
        copy[draw(st.text(max_size=8))] = draw(JSON)
    else:
        copy[key] = draw(replaced(table[key]))
    return copy


def in_the_formats_of_users() -> list[tuple[str, bytes]]:
    parquet = io.BytesIO()
    FRAME.to_parquet(parquet)
    return [
        (".csv", FRAME.to_csv(index=False).encode()),
        (".tsv", FRAME.to_csv(index=False, sep="\t").encode()),
        (".jsonl", FRAME.to_json(orient="records", lines=True).encode()),
        (".parquet", parquet.getvalue()),
    ]


@contextlib.contextmanager
def alone() -> Iterator[Path]:
    """An empty folder to be in, in which nothing may be left but ``here``."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "here"
        folder.mkdir()
        os.chdir(folder)
        began = time.monotonic()
        try:
            yield folder
            assert [path.name for path in Path(name).iterdir()] == ["here"]
            assert time.monotonic() - began < SECONDS
        finally:
            os.chdir(before)


def reads_or_refuses(read: Callable[[], object]) -> None:
    with contextlib.suppress(LogitbenchError):
        read()


def experiment_files(content: bytes) -> None:
    with alone() as folder:
        (folder / "mine.toml").write_bytes(content)
        reads_or_refuses(lambda: spec.read("mine.toml"))


def settings_of_the_command_line(text: str) -> None:
    reads_or_refuses(lambda: spec.read("digits", dict([spec.parse_setting(text)])))


def data_of_users(file: tuple[str, bytes]) -> None:
    ending, content = file
    with alone() as folder:
        place = folder / f"mine{ending}"
        place.write_bytes(content)
        for columns in ({}, {"text": "text"}, {"features": ["x"]}):
            source = File(path=str(place), **columns)
            reads_or_refuses(partial(source.load, lambda _: None))
        assert [path.name for path in folder.iterdir()] == [place.name]


def results_of_others(change: tuple[str, Any]) -> None:
    """What is in the files is hostile, and their digests are right."""
    name, content = change
    with alone() as folder:
        run = store.create_run(folder, RUN)
        publish(run, ROWS, 0)
        if name == "epochs.jsonl":
            lines = content if isinstance(content, list) else [content]
            (run / "seed-0000" / name).write_text("".join(json.dumps(line) + "\n" for line in lines))
            name, content = "trial.json", json.loads((run / "seed-0000/trial.json").read_text())
            content["epochs_sha256"] = hashlib.sha256((run / "seed-0000/epochs.jsonl").read_bytes()).hexdigest()
        seal(next(run.rglob(name)), content)

        found = store.read([folder])

        assert len(found.trials) + len(found.broken) == 1
        assert doctor.examine([folder]).whole == len(found.trials)
        for trial in found.trials:
            assert [(row.epoch, row.arm) for row in trial.rows] == [(row.epoch, row.arm) for row in ROWS]


def written() -> dict[str, Any]:
    """What a run's files hold, by their names."""
    with tempfile.TemporaryDirectory() as name:
        run = store.create_run(Path(name), RUN)
        publish(run, ROWS, 0)
        return {
            "run.json": json.loads((run / "run.json").read_text()),
            "trial.json": json.loads((run / "seed-0000/trial.json").read_text()),
            "epochs.jsonl": [json.loads(line) for line in (run / "seed-0000/epochs.jsonl").read_text().splitlines()],
        }


def seal(file: Path, table: Any) -> None:
    if isinstance(table, dict):
        table = {key: value for key, value in table.items() if key != "sha256"}
        text = json.dumps(table, sort_keys=True, separators=(",", ":"))
        table["sha256"] = hashlib.sha256(text.encode()).hexdigest()
    file.write_text(json.dumps(table))


def results_of_nobody(content: bytes) -> None:
    with alone() as folder:
        run = store.create_run(folder, RUN)
        publish(run, ROWS, 0)
        for name in ("seed-0000/epochs.jsonl", "seed-0000/trial.json", "run.json"):
            (run / name).write_bytes(content)
            found = store.read([folder])
            assert found.trials == []
            assert found.broken


READERS: list[tuple[Callable[[Any], None], st.SearchStrategy[Any]]] = [
    (experiment_files, changed([path.read_bytes() for path in shipped().values()])),
    (
        settings_of_the_command_line,
        st.text(max_size=40) | st.sampled_from(TEXTS) | st.builds("training.{}={}".format, st.text(), st.text()),
    ),
    (
        data_of_users,
        st.one_of([st.tuples(st.just(ending), changed([content])) for ending, content in in_the_formats_of_users()]),
    ),
    (
        results_of_others,
        st.one_of(
            [st.tuples(st.just(name), replaced(content).flatmap(replaced)) for name, content in written().items()]
        ),
    ),
    (results_of_nobody, changed([b'{"arm": "logits"}\n', b"{}"])),
]


def fuzz(reader: Callable[[Any], None], inputs: st.SearchStrategy[Any], examples: int, number: int) -> None:
    @seed(number)
    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(inputs)
    def fuzzed(value: Any) -> None:
        reader(value)

    fuzzed()


@pytest.mark.parametrize(("reader", "inputs"), READERS, ids=lambda value: getattr(value, "__name__", ""))
def test_a_reader_reads_or_says_what_is_wrong(reader: Callable[[Any], None], inputs: st.SearchStrategy[Any]) -> None:
    fuzz(reader, inputs, QUICK, 4)


if __name__ == "__main__":
    for one, its_inputs in READERS:
        until, rounds = time.monotonic() + 60 * float(sys.argv[1]), 0
        while time.monotonic() < until:
            fuzz(one, its_inputs, 500, rounds)
            rounds += 1
        sys.stdout.write(f"{one.__name__}: {rounds * 500} inputs\n")
