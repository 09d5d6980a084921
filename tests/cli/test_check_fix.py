"""``logitbench check --fix`` and ``--diff`` as a user starts them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Generator, Sequence
from pathlib import Path

import pytest

from logitbench.checks import parallel, registry
from logitbench.checks.engine import Settings
from logitbench.checks.fixing.fixer import FixedFile
from logitbench.checks.project import Project
from logitbench.cli import check_fix
from logitbench.cli.check_report import Form
from tests.cli.command import in_process
from tests.test_imports import imported

LOGITS = """import keras

model = keras.Sequential([keras.layers.Dense(1)])
model.compile(
    loss=keras.losses.BinaryCrossentropy(from_logits=True),
    metrics=["accuracy", keras.metrics.F1Score()],
)
"""
CHOICE = """import keras

keras.Sequential([keras.layers.Dense(1)]).compile(loss="binary_crossentropy")
"""
DIFF = """--- logits.py
+++ logits.py
@@ -3,5 +3,5 @@
 model = keras.Sequential([keras.layers.Dense(1)])
 model.compile(
     loss=keras.losses.BinaryCrossentropy(from_logits=True),
-    metrics=["accuracy", keras.metrics.F1Score()],
+    metrics=[keras.metrics.BinaryAccuracy(threshold=0.0, name="accuracy"), keras.metrics.F1Score()],
 )
"""
FIXED = LOGITS.replace('"accuracy"', 'keras.metrics.BinaryAccuracy(threshold=0.0, name="accuracy")')


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a metric on logits, and a loss of which it is to be settled what was meant."""
    (tmp_path / "logits.py").write_text(LOGITS, encoding="utf-8")
    (tmp_path / "choice.py").write_text(CHOICE, encoding="utf-8")
    return tmp_path


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


def piped(text: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "logitbench", "check", "-", *arguments],
        input=text,
        capture_output=True,
        text=True,
        cwd=cwd,
        timeout=60,
        check=False,
    )


def test_fix_mends_what_has_one_answer_and_says_what_is_left(folder: Path) -> None:
    done = in_process("check", "--fix", cwd=folder, expect=1)
    assert contents(folder) == {"logits.py": FIXED, "choice.py": CHOICE}
    assert [line.split(" ")[:2] for line in done.stdout.splitlines() if ".py:" in line] == [
        ["choice.py:3:56:", "LB101"],
        ["logits.py:6:76:", "LB201"],
    ]
    assert done.stderr == "1 fixed, 2 findings left in 2 files; 1 more with --unsafe-fixes\n"


def test_unsafe_fixes_settle_what_was_meant_and_a_second_run_finds_nothing_to_do(folder: Path) -> None:
    done = in_process("check", "choice.py", "--fix", "--unsafe-fixes", cwd=folder)
    assert done.stderr == "1 fixed, nothing left in 1 file\n"
    then = contents(folder)
    assert "keras.losses.BinaryCrossentropy(from_logits=True)" in then["choice.py"]
    in_process("check", "choice.py", "--fix", "--unsafe-fixes", cwd=folder)
    assert contents(folder) == then


def test_a_diff_shows_and_writes_nothing_and_can_be_applied(folder: Path) -> None:
    done = in_process("check", "--diff", "--fix", cwd=folder, expect=1)
    assert done.stdout == DIFF
    assert done.stderr == "1 would be fixed, 2 findings left in 2 files; 1 more with --unsafe-fixes\n"
    assert contents(folder) == {"logits.py": LOGITS, "choice.py": CHOICE}
    whole = in_process("check", "choice.py", "--diff", "--unsafe-fixes", cwd=folder, expect=1).stdout
    subprocess.run(["git", "apply", "-p0"], input=whole, text=True, cwd=folder, check=True)
    assert in_process("check", "choice.py", "--diff", cwd=folder).stdout == ""


def test_a_diff_of_a_file_without_an_end_says_so(folder: Path) -> None:
    (folder / "choice.py").write_text(CHOICE.rstrip("\n"), encoding="utf-8")
    whole = in_process("check", "choice.py", "--diff", "--unsafe-fixes", cwd=folder, expect=1).stdout
    assert whole.count("\n\\ No newline at end of file\n") == 2
    subprocess.run(["git", "apply", "-p0"], input=whole, text=True, cwd=folder, check=True)
    assert not contents(folder)["choice.py"].endswith("\n")


def test_the_program_of_stdin_goes_to_stdout_and_what_is_left_to_stderr(folder: Path) -> None:
    done = piped(LOGITS, "--fix", cwd=folder)
    assert (done.returncode, done.stdout) == (1, FIXED)
    assert "-:6:76: LB201" in done.stderr
    assert piped(CHOICE, "--fix", "--unsafe-fixes", cwd=folder).returncode == 0


def test_what_is_no_program_comes_out_of_a_pipe_as_it_went_in(folder: Path) -> None:
    done = piped("def f(:\n", "--fix", cwd=folder)
    assert (done.returncode, done.stdout) == (2, "def f(:\n")


def test_a_link_stays_a_link_and_a_file_keeps_its_mode(folder: Path) -> None:
    (folder / "logits.py").chmod(0o750)
    (folder / "link.py").symlink_to("logits.py")
    in_process("check", "--fix", "link.py", cwd=folder, expect=1)
    assert (folder / "link.py").is_symlink()
    assert (folder / "logits.py").stat().st_mode & 0o777 == 0o750
    assert contents(folder)["logits.py"] == FIXED
    assert len(contents(folder)) == 3


@pytest.mark.parametrize("arguments", [["--fix"], ["--diff"], []], ids=" ".join)
def test_a_link_out_of_the_folder_is_named_and_what_it_leads_to_stays(folder: Path, arguments: list[str]) -> None:
    (folder / "in" / "sub").mkdir(parents=True)
    (folder / "in" / "sub" / "s.py").symlink_to("../../logits.py")
    (folder / "in" / "sub" / "all").symlink_to("../..")
    done = in_process("check", "in", *arguments, cwd=folder)
    assert (folder / "logits.py").read_text() == LOGITS
    assert done.stdout == ""
    assert [line for line in done.stderr.splitlines() if line.startswith("not followed: ")] == [
        f"not followed: in/sub/{name} is a symbolic link out of its folder; name it to check it"
        for name in ("all", "s.py")
    ]


def test_a_link_to_an_excluded_file_is_excluded(folder: Path) -> None:
    (folder / "link.py").symlink_to("logits.py")
    (folder / "pyproject.toml").write_text("[tool.logitbench.check]\nexclude = ['logits.py']\n")
    in_process("check", "--fix", "link.py", cwd=folder)
    assert (folder / "logits.py").read_text() == LOGITS


def test_several_processes_fix_what_one_does(folder: Path) -> None:
    names = [f"{number:02}.py" for number in range(20)]
    for name in names:
        (folder / name).write_text(LOGITS if int(name[:2]) % 2 else "def f(:\n", encoding="utf-8")
    shown = in_process("check", "--diff", "--jobs", "2", cwd=folder, expect=2)
    assert shown.stdout == in_process("check", "--diff", cwd=folder, expect=2).stdout
    done = in_process("check", "--fix", "--jobs", "2", cwd=folder, expect=2)
    assert [contents(folder)[name] for name in names] == ["def f(:\n", FIXED] * 10
    assert done.stderr.count("cannot be checked: line 1") == 10
    assert done.stderr.endswith("11 fixed, 12 findings left in 12 files, 10 left out; 1 more with --unsafe-fixes\n")


def test_a_process_that_fixes_is_one_of_several(folder: Path) -> None:
    """Without semaphores there is one process, and it says so: then --jobs was obeyed before."""
    for number in range(20):
        (folder / f"{number:02}.py").write_text(LOGITS, encoding="utf-8")
    command = f"mount -t tmpfs -o ro none /dev/shm || exit 77; {sys.executable} -m logitbench check --fix --jobs 2"
    done = subprocess.run(["unshare", "--mount", "sh", "-c", command], cwd=folder, capture_output=True, text=True)
    if done.returncode == 77 or "unshare" in done.stderr:
        pytest.skip("nothing may be mounted here")
    assert "one process checks all files" in done.stderr
    assert contents(folder)["19.py"] == FIXED


@pytest.mark.parametrize("edited", [f"{LOGITS}# an edit\n", None], ids=["edited", "removed"])
def test_a_file_that_changes_while_it_is_checked_is_left_and_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], edited: str | None
) -> None:
    def each(
        look: Callable[[str], FixedFile], paths: Sequence[str], jobs: int | None
    ) -> Generator[FixedFile, None, None]:
        """Process the files; somebody edits one after it was read and before its fix is written."""
        for path in paths:
            result = look(path)
            if path == "logits.py":
                Path(path).unlink()
                if edited is not None:
                    Path(path).write_text(edited, encoding="utf-8")
            yield result

    monkeypatch.chdir(folder)
    monkeypatch.setattr(parallel, "each", each)
    (folder / "other.py").write_text(LOGITS, encoding="utf-8")
    asked = check_fix.Asked(unsafe=False, diff=False, form=Form("text", statistics=False, output=None))

    code = check_fix.command(["logits.py", "other.py"], Project(), Settings(registry.chosen(None, None)), asked)

    said = capsys.readouterr()
    assert code == 2
    assert contents(folder).get("logits.py") == edited
    assert contents(folder)["other.py"] == FIXED
    reason = "it was changed while it was being checked; it is left as it is" if edited else "it cannot be read"
    assert f"left out: logits.py cannot be checked: {reason}" in said.err
    assert "1 fixed" in said.err
    assert "logits.py:" not in said.out  # a finding of its earlier content


def test_a_file_keeps_its_hard_links_and_its_owner(folder: Path) -> None:
    (folder / "other.txt").hardlink_to(folder / "logits.py")
    if os.geteuid() == 0:
        os.chown(folder / "logits.py", 65534, 65534)
    before = (folder / "logits.py").stat()
    in_process("check", "--fix", "logits.py", cwd=folder, expect=1)
    after = (folder / "other.txt").stat()
    assert contents(folder)["other.txt"] == FIXED
    assert (after.st_ino, after.st_uid, after.st_gid) == (before.st_ino, before.st_uid, before.st_gid)


def test_what_is_left_is_given_as_json(folder: Path) -> None:
    said = json.loads(in_process("check", "--fix", "--format", "json", cwd=folder, expect=1).stdout)
    assert (said["fixed"], [one["code"] for one in said["findings"]]) == (1, ["LB101", "LB201"])


def test_why_a_fix_is_not_made_is_said(folder: Path) -> None:
    (folder / "choice.py").write_text(
        CHOICE.replace('"binary_crossentropy"', "NAME").replace("\n\n", "\nNAME = 'bce'\n")
    )
    done = in_process("check", "choice.py", "--fix", "--unsafe-fixes", cwd=folder, expect=1)
    assert "not fixed: choice.py: line 3: LB101: it is asked for by a name that may be used elsewhere" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--unsafe-fixes"], "Add --fix to make the fixes, or --diff to see them."),
        (["--diff", "--format", "json"], "stdout has the diff"),
        (["--diff", "--statistics"], "stdout has the diff"),
        (["-", "--fix", "--format", "json"], "stdout has the program"),
    ],
)
def test_what_does_not_go_together_is_refused(folder: Path, arguments: list[str], said: str) -> None:
    assert said in in_process("check", *arguments, cwd=folder, expect=2).stderr
    assert contents(folder) == {"logits.py": LOGITS, "choice.py": CHOICE}


def test_a_model_is_refused_for_it_has_no_source(folder: Path) -> None:
    for target in ("nets:build", "model.keras"):
        (folder / "model.keras").touch()
        said = in_process("check", target, "--fix", cwd=folder, expect=2).stderr
        assert f"--fix and --diff change source files, got {target}" in said


def test_what_a_project_ignores_in_a_file_is_not_fixed_there(folder: Path) -> None:
    table = "[tool.logitbench.check.per-file-ignores]\n'log*.py' = ['LB201']\n"
    (folder / "pyproject.toml").write_text(table, encoding="utf-8")
    done = in_process("check", "logits.py", "--fix", cwd=folder)
    assert done.stderr == "0 fixed, nothing left in 1 file\n"
    assert contents(folder)["logits.py"] == LOGITS


def test_what_edits_calls_is_imported_only_where_one_is_edited(folder: Path) -> None:
    assert "libcst" not in imported("-m", "logitbench", "check", "--exit-zero", str(folder))
    assert "libcst" not in imported("-m", "logitbench", "check", "--help")
