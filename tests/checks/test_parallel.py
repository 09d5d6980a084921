"""Several processes say what one says; and what becomes of them when they are ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from logitbench.checks import engine, parallel
from logitbench.checks.engine import Settings
from logitbench.checks.records import Severity
from logitbench.checks.registry import chosen
from tests.checks.fixtures import FOLDER
from tests.cli.command import ROOT, logitbench
from tests.test_imports import SLOW

WRONG = "import keras\nkeras.Sequential([keras.layers.Dense(1)]).compile('adam', 'bce')\n"
LONG = "import keras\n" + WRONG.partition("\n")[2] * 4000
"""A file that takes a second."""


def test_several_processes_report_what_one_does_in_the_same_order(tmp_path: Path) -> None:
    paths = sorted(map(str, FOLDER.rglob("*.py")))
    (tmp_path / "broken.py").write_text("def", encoding="utf-8")
    paths[20:20] = [str(tmp_path / "broken.py"), str(tmp_path / "gone.py")]
    settings = Settings(chosen("LB1,LB2", None), Severity.NOTE, "jax", show_unknown=True)
    alone = engine.check(paths, settings)
    assert len(alone.findings) > 20
    assert [one.path for one in alone.unparsable] == paths[20:22]
    assert parallel.check(paths, settings, jobs=3) == alone


def test_of_no_file_nothing_is_found() -> None:
    assert parallel.check([], Settings(), jobs=4) == engine.check([], Settings())


def test_a_process_imports_nothing_slow() -> None:
    modules = "import logitbench.checks.parallel, sys; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", modules], capture_output=True, text=True, check=True, cwd=ROOT)
    assert set(done.stdout.split()) & (SLOW | {"rich", "pydantic", "typer"}) == set()


def test_nothing_that_lies_in_the_working_folder_is_run(tmp_path: Path) -> None:
    for name in ("string", "random", "multiprocessing", "tokenize", "keras"):
        (tmp_path / f"{name}.py").write_text(f"open({name + '.was-run'!r}, 'w')\n", encoding="utf-8")
    for number in range(20):
        (tmp_path / f"wrong{number}.py").write_text(WRONG, encoding="utf-8")
    script = tmp_path / "elsewhere" / "logitbench"  # as pip writes it
    script.parent.mkdir()
    script.write_text("from logitbench.cli.app import main\nif __name__ == '__main__':\n    main()\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(script), "check", "--jobs", "2"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 1, done.stderr
    assert "20 findings in 25 files" in done.stderr
    assert list(tmp_path.glob("*.was-run")) == []


@pytest.fixture
def long(tmp_path: Path) -> Path:
    """A folder that takes a minute."""
    for number in range(64):
        (tmp_path / f"wrong{number:02}.py").write_text(LONG, encoding="utf-8")
    return tmp_path


def started(folder: Path) -> tuple[subprocess.Popen[str], list[int]]:
    """Start a check in a group of its own, and return it with its two processes when these are at work."""
    call = [sys.executable, "-m", "logitbench", "check", "--jobs", "2"]
    check = subprocess.Popen(
        call,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # of a shell's background job
    )
    until = time.monotonic() + 60
    while time.monotonic() < until:
        busy = [pid for pid in children(check.pid) if "spawn_main" in read(pid, "cmdline") and seconds(pid) > 1]
        if len(busy) == 2:
            return check, busy
        time.sleep(0.05)
    check.kill()
    raise AssertionError("it did not start two processes")


def children(pid: int) -> list[int]:
    return [int(child) for child in read(pid, f"task/{pid}/children").split()]


def seconds(pid: int) -> float:
    """Return the processor time that a process has had."""
    fields = read(pid, "stat").rpartition(")")[2].split()
    return int(fields[11]) / os.sysconf("SC_CLK_TCK") if fields else 0


def read(pid: int, name: str) -> str:
    try:
        return Path(f"/proc/{pid}/{name}").read_text(encoding="utf-8")
    except OSError:
        return ""


linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


@linux
@pytest.mark.parametrize("whom", ["group", "first", "first, from outside"])
def test_an_interrupt_ends_all_processes_at_once(long: Path, whom: str) -> None:
    check, busy = started(long)
    before = time.monotonic()
    if whom == "group":
        os.killpg(check.pid, signal.SIGINT)
    else:
        check.send_signal(signal.SIGINT if whom == "first" else signal.SIGTERM)
    said, told = check.communicate(timeout=60)
    assert check.returncode == 130
    assert (said, told) == ("", "interrupted: nothing is reported\n")
    assert time.monotonic() - before < 20
    assert not any(read(pid, "cmdline") for pid in busy)


@linux
def test_no_process_outlives_the_first(long: Path) -> None:
    check, busy = started(long)
    check.kill()
    check.communicate(timeout=60)
    until = time.monotonic() + 30
    while any(read(pid, "cmdline") for pid in busy):
        assert time.monotonic() < until
        time.sleep(0.05)


@linux
def test_a_process_that_is_killed_is_told_with_what_to_do(long: Path) -> None:
    check, busy = started(long)
    os.kill(busy[0], signal.SIGKILL)
    said, told = check.communicate(timeout=60)
    assert check.returncode == 2
    assert said == ""
    assert told.startswith("error: a process that checks files was killed; it had wrong")
    assert "--jobs 1" in told
    assert "Traceback" not in told


def test_where_no_process_can_be_started_one_checks_all_files(tmp_path: Path) -> None:
    """Semaphores are files in /dev/shm, which a container may have read-only."""
    for number in range(20):
        (tmp_path / f"wrong{number:02}.py").write_text(WRONG, encoding="utf-8")
    command = f"mount -t tmpfs -o ro none /dev/shm || exit 77; {sys.executable} -m logitbench check --jobs 2"
    done = subprocess.run(["unshare", "--mount", "sh", "-c", command], cwd=tmp_path, capture_output=True, text=True)
    if done.returncode == 77 or "unshare" in done.stderr:
        pytest.skip("nothing may be mounted here")
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "one process checks all files, because it cannot start others: [Errno 30] Read-only file system",
        "20 findings in 20 files",
    ]


def test_jobs_are_at_least_one(tmp_path: Path) -> None:
    said = logitbench("check", "--jobs", "0", cwd=tmp_path, expect=2).stderr
    assert "should be a whole number of at least 1, got '0'" in said
