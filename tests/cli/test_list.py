from __future__ import annotations

from pathlib import Path

from logitbench import spec
from logitbench.catalogue import shipped
from logitbench.heads import ARMS
from tests.cli.command import in_process


def test_paths_are_plain_lines_of_name_tab_and_file(tmp_path: Path) -> None:
    done = in_process("list", "--paths", cwd=tmp_path, environment={"COLUMNS": "20"})

    rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert rows == [[name, str(path)] for name, path in shipped().items()]


def test_in_a_pipe_no_line_is_wrapped(tmp_path: Path) -> None:
    lines = in_process("list", cwd=tmp_path, environment={"COLUMNS": "20"}).stdout.splitlines()

    for name in shipped():
        assert [name, spec.read(name).asks] in [line.split(maxsplit=1) for line in map(str.rstrip, lines)]
    for arm in ARMS.values():
        assert [arm.name, arm.about] in [line.split(maxsplit=1) for line in map(str.rstrip, lines)]
