"""``logitbench check`` as a user starts it."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.command import in_process
from tests.test_imports import SLOW, imported

WRONG = """import keras

model = keras.Sequential([keras.layers.Dense(1)])
model.compile(loss="binary_crossentropy")
"""
SHOWN = """wrong.py:4:20: LB101 BinaryCrossentropy has from_logits=False, and the linear head gives no probabilities: \
its outputs are clipped to 0 and 1, and where they are clipped nothing is learned
    model.compile(loss="binary_crossentropy")
                       ^^^^^^^^^^^^^^^^^^^^^
    head, line 3: model = keras.Sequential([keras.layers.Dense(1)])
    use: loss=keras.losses.BinaryCrossentropy(from_logits=True)
         or activation="sigmoid" in the head
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a file that is wrong and one that is right."""
    (tmp_path / "wrong.py").write_text(WRONG, encoding="utf-8")
    (tmp_path / "right.py").write_text(WRONG.replace("Dense(1)", "Dense(1, 'sigmoid')"), encoding="utf-8")
    return tmp_path


def test_a_finding_is_shown_with_its_line_a_caret_and_what_mends_it(folder: Path) -> None:
    done = in_process("check", cwd=folder, expect=1)
    assert done.stdout == SHOWN
    assert done.stderr == "1 finding in 2 files\n"


def test_what_is_right_ends_in_0(folder: Path) -> None:
    assert in_process("check", "right.py", cwd=folder).stdout == ""
    in_process("check", "wrong.py", "--exit-zero", cwd=folder)
    in_process("check", "wrong.py", "--ignore", "LB1", cwd=folder)


def test_a_program_reads_json(folder: Path) -> None:
    said = json.loads(in_process("check", ".", "--format", "json", cwd=folder, expect=1).stdout)
    (finding,) = said["findings"]
    assert (said["version"], said["files"], finding["code"], finding["line"]) == (1, 2, "LB101", 4)
    assert finding["head"] == {"line": 3, "source": "model = keras.Sequential([keras.layers.Dense(1)])", "cell": None}


def test_a_file_that_cannot_be_parsed_is_named_and_the_others_are_checked(folder: Path) -> None:
    (folder / "broken.py").write_text("def f(:\n", encoding="utf-8")
    done = in_process("check", cwd=folder, expect=2)
    assert done.stdout == SHOWN
    assert "left out: broken.py cannot be checked: line 1" in done.stderr


@pytest.mark.parametrize("arguments", [[], ["--jobs", "2"], ["--fix"], ["--diff"]], ids=" ".join)
def test_a_file_with_an_encoding_that_cannot_be_used_is_named_and_the_others_are_checked(
    folder: Path, arguments: list[str]
) -> None:
    for number in range(9):  # more than one process gets
        (folder / f"odd{number}.py").write_text(f"# coding: {'undefined' if number % 2 else 'punycode'}\n{WRONG}")
    done = in_process("check", *arguments, cwd=folder, expect=2)
    assert done.stdout == ("" if "--diff" in arguments else SHOWN)
    assert done.stderr.count("cannot be checked: its coding: line cannot be used: ") == 9
    assert (folder / "odd1.py").read_text() == f"# coding: undefined\n{WRONG}"


@pytest.mark.parametrize(
    ("redirected", "codes"),
    [
        ("2>&-", "0 1 2"),
        (">&-", "0 1 2"),
        (">&- 2>&- <&-", "0 1 2"),
        ("2>/dev/full", "0 1 2"),
        (">/dev/full", "0 74 2"),
    ],
)
def test_exit_codes_do_not_depend_on_the_streams(folder: Path, redirected: str, codes: str) -> None:
    (folder / "broken.py").write_text("def f(:\n", encoding="utf-8")
    program = f"{sys.executable} -m logitbench check"
    lines = [f"{program} {name} {redirected}; printf ' %s' $? >&3;" for name in ("right.py", "wrong.py", "broken.py")]
    done = subprocess.run(["bash", "-c", f"exec 3>codes; {''.join(lines)}"], cwd=folder, capture_output=True, text=True)
    assert (folder / "codes").read_text().split() == codes.split()
    assert "a fault of logitbench" not in done.stderr


def test_findings_of_several_processes_end_in_1_without_stderr(folder: Path) -> None:
    for number in range(20):
        (folder / f"{number:02}.py").write_text(WRONG, encoding="utf-8")
    command = f"{sys.executable} -m logitbench check --jobs 2 2>&-"
    done = subprocess.run(["sh", "-c", command], cwd=folder, capture_output=True, text=True)
    assert (done.returncode, done.stdout.count("LB101")) == (1, 21)


def test_a_closed_stdin_is_named(folder: Path) -> None:
    command = f"{sys.executable} -m logitbench check wrong.py - <&-"
    done = subprocess.run(["sh", "-c", command], cwd=folder, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, SHOWN)
    assert "left out: - cannot be checked: stdin is closed" in done.stderr


def test_rules_that_are_selected_twice_are_all_asked(folder: Path) -> None:
    assert in_process("check", "--select", "LB2", "--select", "LB1", cwd=folder, expect=1).stdout == SHOWN
    in_process("check", "--ignore", "LB101", "--ignore", "LB2", cwd=folder)


def test_a_format_is_that_of_the_files_ending(folder: Path) -> None:
    in_process("check", "-o", "a.sarif", cwd=folder, expect=1)
    assert json.loads((folder / "a.sarif").read_text(encoding="utf-8"))["version"] == "2.1.0"


def test_what_cannot_be_looked_at_is_told_without_being_asked_for(folder: Path) -> None:
    (folder / "wrong.py").unlink()
    (folder / "long.py").write_text(f"DATA = [{'0, ' * 250_000}]\nloss = 'bce'\n", encoding="utf-8")
    done = in_process("check", "long.py", cwd=folder)
    assert "could not be told: long.py, line 1: what comes after is not followed: the file is too long" in done.stderr
    assert in_process("check", "--explain", "lb000", cwd=folder).stdout.startswith("LB000: logitbench could not")


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_folder_that_may_not_be_read_is_left_out_and_the_others_are_checked(folder: Path) -> None:
    (folder / "closed").mkdir(mode=0)
    done = in_process("check", cwd=folder, expect=2)
    assert done.stdout == SHOWN
    assert "left out: closed cannot be checked" in done.stderr


def test_a_pipe_is_no_file_and_is_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "pipe.py")
    assert "pipe.py is no file" in in_process("check", "pipe.py", cwd=folder, expect=2).stderr
    in_process("check", cwd=folder, expect=1)


def test_a_rule_explains_itself_and_rules_are_counted(folder: Path) -> None:
    page = in_process("check", "--explain", "lb101", cwd=folder).stdout
    assert page.startswith("LB101 (error): A loss treats logits as probabilities.")
    assert "## Why is this bad?" in page
    assert in_process("check", "--statistics", cwd=folder, expect=1).stdout == "     1 LB101\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["gone.py"], "there is no file or folder gone.py"),
        (["--format", "xml"], "there is no format 'xml'"),
        (["--severity", "unknown"], "there is no severity 'unknown'"),
        (["--backend", "mxnet"], "there is no backend 'mxnet'"),
        (["--explain", "LB999"], "there is no rule 'LB999' in logitbench\n"),
        (["--explain", "LB4"], "there is no rule 'LB4' in logitbench\nName one of LB401, LB402"),
        (
            ["--select", "E501"],
            "error: no rule of logitbench begins with 'E501'\n"
            "Leave it out, or write a code or its beginning: LB1 for all of LB101, LB102, LB103, LB104, LB105, ",
        ),
        (["--ignore", "LB1O1"], "no rule of logitbench begins with 'LB1O1'\nDid you mean LB101?\n"),
        (["--statistics", "--format", "json"], "--statistics is a table of its own, and no json"),
        (["-o", "no/folder.txt"], "there is no folder"),
        (["-o", "findings.pdf"], "there is no ending '.pdf'"),
    ],
)
def test_what_cannot_be_done_is_refused(folder: Path, arguments: list[str], said: str) -> None:
    assert said in in_process("check", *arguments, cwd=folder, expect=2).stderr


@pytest.mark.parametrize("form", ["text", "json", "sarif", "github", "junit"])
def test_every_format_is_printed_or_written_and_ends_alike(folder: Path, form: str) -> None:
    (folder / "broken.py").write_text("def f(:\n", encoding="utf-8")
    printed = in_process("check", "--format", form, cwd=folder, expect=2)
    written = in_process("check", "--format", form, "-o", "report", cwd=folder, expect=2)
    assert "LB101" in printed.stdout
    assert (folder / "report").read_text(encoding="utf-8") == printed.stdout
    assert written.stdout == ""
    assert written.stderr == printed.stderr
    assert written.stderr.endswith("1 finding in 2 files, 1 left out\n")
    in_process("check", "wrong.py", "--format", form, cwd=folder, expect=1)
    in_process("check", "right.py", "--format", form, cwd=folder)


@pytest.mark.parametrize("form", ["text", "json", "sarif", "github", "junit"])
def test_names_that_are_no_text_are_survived(folder: Path, form: str) -> None:
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff%::,\n]]>.py")).write_text(WRONG, encoding="utf-8")
    done = in_process("check", "--format", form, cwd=folder, expect=1)
    assert done.stderr == "2 findings in 3 files\n"
    if form == "sarif":
        assert '"uri": "%FF%25%3A%3A%2C%0A%5D%5D%3E.py"' in done.stdout


@pytest.mark.parametrize(("no_color", "colours"), [("", True), ("1", False)])
def test_a_terminal_has_colours_but_for_no_color(folder: Path, no_color: str, colours: bool) -> None:
    ours, theirs = pty.openpty()
    call = [sys.executable, "-m", "logitbench", "check"]
    environment = {**os.environ, "TERM": "xterm-256color", "NO_COLOR": no_color, "COLUMNS": "40"}
    done = subprocess.run(
        call, cwd=folder, env=environment, stdout=theirs, stderr=subprocess.PIPE, timeout=60, check=False
    )
    os.close(theirs)
    shown = b""
    while part := _read(ours):
        shown += part
    os.close(ours)
    assert done.returncode == 1
    assert (b"\x1b[1;31mLB101" in shown) is colours
    plain = re.sub(rb"\x1b\[[0-9;]*m", b"", shown).replace(b"\r\n", b"\n").decode()
    assert plain == SHOWN


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # nobody is at the other end
        return b""


def test_a_project_says_what_is_checked_and_the_command_line_wins(folder: Path) -> None:
    (folder / "src").mkdir()
    (folder / "src" / "twice.py").write_text(
        "import keras\nkeras.Sequential([keras.layers.Dense(1, 'sigmoid')])"
        ".compile('adam', keras.losses.BinaryCrossentropy(from_logits=True))\n",
        encoding="utf-8",
    )
    (folder / "src" / "old.py").write_text(WRONG, encoding="utf-8")
    (folder / "pyproject.toml").write_text(
        "[tool.logitbench.check]\npaths = ['src']\nexclude = ['old.py']\nbackend = 'jax'\nseverity = 'error'\n",
        encoding="utf-8",
    )
    done = in_process("check", cwd=folder, expect=1)
    assert re.findall(r"^\S+: LB\d+", done.stdout, re.MULTILINE) == ["src/twice.py:2:70: LB102"]
    assert done.stderr == "excluded by pyproject.toml: 1 of 2 files\n1 finding in 1 file\n"
    assert in_process("check", cwd=folder / "src", expect=1).stdout.startswith("twice.py:2:70: LB102")
    assert in_process("check", "--backend", "tensorflow", cwd=folder).stdout == ""
    in_process("check", "--ignore", "LB102", cwd=folder)
    assert in_process("check", "wrong.py", cwd=folder, expect=1).stdout == SHOWN


def test_a_project_that_cannot_be_understood_is_refused(folder: Path) -> None:
    (folder / "pyproject.toml").write_text("[tool.logitbench.check]\nselct = ['LB1']\n", encoding="utf-8")
    said = in_process("check", cwd=folder, expect=2).stderr
    assert said == (
        f"error: {folder}/pyproject.toml: [tool.logitbench.check]: unknown key 'selct'\nDid you mean 'select'?\n"
    )


def test_stdin_is_a_target(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "logitbench", "check", "-"],
        input=WRONG,
        capture_output=True,
        text=True,
        cwd=folder,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout.startswith("-:4:20: LB101 ")


def test_nothing_slow_is_imported(folder: Path) -> None:
    assert imported("-m", "logitbench", "check", str(folder / "right.py")) & (SLOW | {"rich"}) == set()
