from __future__ import annotations

import signal
from pathlib import Path

import pytest

from logitbench.launchers import deaths


@pytest.mark.parametrize(
    ("exit_code", "output", "kills", "how", "memory"),
    [
        (-9, "", (4, 5), "by signal 9 (SIGKILL)", "ran out"),
        (-9, "", (4, 4), "by signal 9 (SIGKILL)", "did not run out of memory"),
        (-9, "", (None, None), "by signal 9 (SIGKILL)", "or the system did because memory ran out"),
        (
            -6,
            "terminate called, 'std::bad_alloc'",
            (4, 4),
            "signal 6 (SIGABRT)",
            "ran out",
        ),
        (1, "numpy.core._exceptions._ArrayMemoryError: Unable to allocate 8 GiB", (4, 4), "exit code 1", "ran out"),
        (-11, "", (4, 5), "by signal 11 (SIGSEGV)", None),
        (1, "ModuleNotFoundError: No module named 'numpy'", (4, 4), "with exit code 1", None),
        (-40, "", (4, 4), "by signal 40", None),
    ],
)
def test_memory_is_named_only_where_it_ran_out_or_that_cannot_be_known(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    exit_code: int,
    output: str,
    kills: tuple[int | None, int | None],
    how: str,
    memory: str | None,
) -> None:
    log = tmp_path / "log"
    log.write_text(output)
    monkeypatch.setattr(deaths, "lack_of_memory_kills", lambda: kills[1])

    error = deaths.death(exit_code, log, 0, kills[0])

    assert how in error.message
    assert output in error.hint
    assert (memory or "") in error.hint
    assert memory is not None or "memory" not in error.hint


def test_the_output_of_an_earlier_trial_and_what_tensorflow_always_writes_are_not_shown(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("of an earlier trial\nI0000 oneDNN custom operations are on\n" + "x" * 200_000 + "\nthe last line\n")

    hint = deaths.death(-signal.SIGSEGV, log, len("of an earlier trial\n"), None).hint

    assert len(hint) < deaths.LOG_BYTES + 100
    assert hint.startswith("The last lines of its output:\n")
    assert hint.endswith("the last line\n")
    assert "earlier" not in hint
    assert "oneDNN" not in hint


def test_a_log_that_somebody_removed_is_no_error(tmp_path: Path) -> None:
    assert deaths.log_size(tmp_path / "log") == 0
    assert "ended with exit code 3" in deaths.death(3, tmp_path / "log", 0, None).message


def test_what_linux_ended_for_lack_of_memory_is_counted_where_it_tells() -> None:
    kills = deaths.lack_of_memory_kills()
    assert kills is None or kills >= 0
