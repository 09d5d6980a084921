"""Standard output and error that are closed, full, or that nobody reads any more."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.handmade import ASSETS

COMPARE = f"compare '{ASSETS}' --format csv"
RUN = 'run breast-cancer --epochs 1 --seeds 1 --workers 1 --set pairs.arms=[\\"logits\\"]'


def shell(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a line of bash in which ``logitbench`` is the program; it ends as the program does."""
    program = f"logitbench() {{ '{sys.executable}' -m logitbench \"$@\"; }}; set -o pipefail; "
    return subprocess.run(
        ["bash", "-c", program + line], cwd=folder, capture_output=True, text=True, timeout=280, check=False
    )


@pytest.mark.parametrize(
    ("line", "code", "stderr"),
    [
        (f"logitbench {COMPARE} >&-", 0, ""),
        (f"logitbench {COMPARE} <&- >&- 2>&-", 0, ""),
        (f"logitbench {COMPARE} | true", 141, ""),
        (f"logitbench {COMPARE} >/dev/full", 74, "error: cannot write to standard output: No space left on device\n"),
        (f"logitbench {COMPARE} >/dev/full 2>&-", 74, ""),
        ("logitbench list >/dev/full", 74, "error: cannot write to standard output: No space left on device\n"),
        ("logitbench --help >/dev/full", 74, "error: cannot write to standard output: No space left on device\n"),
        ("logitbench --version | true", 141, ""),
        ("logitbench compare nowhere 2>&-", 2, ""),
        ("logitbench list nonsense 2>/dev/full", 2, ""),
        ("logitbench check clean.py 2>&-", 0, ""),
        ("logitbench check wrong.py >&-", 1, None),
        (f"logitbench export '{ASSETS}' -o epochs.csv 2>/dev/full", 0, ""),
    ],
)
def test_a_stream_that_cannot_be_written_ends_in_the_conventional_exit_code(
    tmp_path: Path, line: str, code: int, stderr: str | None
) -> None:
    (tmp_path / "clean.py").write_text("x = 1\n")
    (tmp_path / "wrong.py").write_text(
        "import keras\nmodel = keras.Sequential([keras.layers.Dense(1)])\n"
        "model.compile(loss=keras.losses.BinaryCrossentropy())\n"
    )

    done = shell(line, tmp_path)

    assert done.returncode == code
    assert done.stdout == ""
    assert stderr in (done.stderr, None)


def test_a_closed_descriptor_is_not_given_to_a_file_that_is_written(tmp_path: Path) -> None:
    expected = shell(f"logitbench {COMPARE} -o expected.csv", tmp_path)
    closed = shell(f"logitbench {COMPARE} -o closed.csv <&- >&- 2>&-", tmp_path)

    assert (expected.returncode, closed.returncode) == (0, 0)
    assert (tmp_path / "closed.csv").read_bytes() == (tmp_path / "expected.csv").read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("redirection", "code", "named"),
    [(">&-", 0, "results in results"), (">/dev/full", 74, "\nResults: results"), ("<&- >&- 2>&-", 0, "")],
)
def test_a_run_without_a_stream_keeps_what_it_trained_and_names_it(
    tmp_path: Path, redirection: str, code: int, named: str
) -> None:
    done = shell(f"logitbench {RUN} {redirection}", tmp_path)

    assert done.returncode == code
    assert named in done.stderr
    assert len([*tmp_path.glob("results/breast-cancer/*/seed-0000/trial.json")]) == 1


def test_a_pipe_can_be_an_output_of_every_command(tmp_path: Path) -> None:
    export = shell(f"logitbench export '{ASSETS}' -o >(cat); sleep 0.5", tmp_path)
    compare = shell(f"logitbench {COMPARE} -o /dev/stdout", tmp_path)
    closed = shell(f"logitbench export '{ASSETS}' -o /dev/stdout | true", tmp_path)

    assert export.stdout.startswith("experiment,run_id,seed,")
    assert len(export.stdout.splitlines()) == 61
    assert compare.stdout.startswith("experiment,settings,run_id,arm,")
    assert (closed.returncode, closed.stderr) == (141, "")


def test_every_output_keeps_the_mode_and_the_links_of_the_file_that_it_replaces(tmp_path: Path) -> None:
    for command, name in (
        (f"compare '{ASSETS}'", "compare.csv"),
        (f"export '{ASSETS}'", "export.csv"),
        (f"report '{ASSETS}'", "report.html"),
        ("check clean.py", "check.json"),
    ):
        (tmp_path / "clean.py").write_text("x = 1\n")
        (tmp_path / name).write_text("older")
        (tmp_path / name).chmod(0o600)
        (tmp_path / f"link-{name}").hardlink_to(tmp_path / name)
        (tmp_path / f"symbolic-{name}").symlink_to(name)
        shell(f"logitbench {command} -o symbolic-{name}", tmp_path)
        assert (tmp_path / f"symbolic-{name}").is_symlink()
        assert (tmp_path / f"link-{name}").read_text() == (tmp_path / name).read_text() != "older"
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
