from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from logitbench.errors import UsageError
from logitbench.probes.loss import processes
from logitbench.probes.loss.records import LossProbe, Refused, Setting


def test_a_backend_that_is_not_there_is_refused_with_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(processes.BACKENDS, "nowhere", "logitbench[nowhere]")
    with pytest.raises(UsageError, match="the backend nowhere is not installed") as refused:
        processes.require("nowhere")
    assert refused.value.hint == "Run: pip install 'logitbench[nowhere]'"
    with pytest.raises(UsageError, match="there is no backend 'tensorflwo'") as refused:
        processes.require("tensorflwo")
    assert "tensorflow" in refused.value.hint


@pytest.mark.slow
def test_a_setting_that_cannot_be_computed_does_not_stop_the_next() -> None:
    wrong, right = Setting("binary", "no-such-activation", True), Setting("binary", None, True)
    refused, found = processes.probe("tensorflow", [wrong, right])
    assert isinstance(refused, Refused)
    assert (refused.setting, "no-such-activation" in refused.why) == (wrong, True)
    assert isinstance(found, LossProbe)
    assert found.setting == right


def test_a_process_that_cannot_start_is_said_with_its_last_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "PYTHONHOME", "/nowhere")
    with pytest.raises(UsageError, match="Keras cannot be started on tensorflow: "):
        list(processes.probe("tensorflow", [Setting("binary", None, True)]))


@pytest.mark.slow
def test_a_process_ends_when_no_one_reads_on() -> None:
    answers = processes.probe("tensorflow", [Setting("binary", None, True)] * 50)
    next(answers)
    answers.close()  # type: ignore[attr-defined]
    with pytest.raises(StopIteration):
        next(answers)


def test_a_process_ends_when_its_answers_are_dropped_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    started = []
    popen = subprocess.Popen

    def noted(*arguments: Any, **named: Any) -> Any:
        started.append(popen(*arguments, **named))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", noted)
    answers = processes.probe("tensorflow", [Setting("binary", None, True)] * 500)
    assert started[0].poll() is None
    del answers
    assert started[0].poll() is not None


def test_a_module_of_the_working_directory_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "keras.py").write_text("raise SystemExit('run')")
    monkeypatch.chdir(tmp_path)
    (found,) = processes.probe("tensorflow", [Setting("binary", None, True)])
    assert isinstance(found, LossProbe)
