"""Files that get new content and keep everything else."""

from __future__ import annotations

import os
import re
import resource
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from logitbench.files import replacing

root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
NOBODY = 65534
PROGRAM = """
import os, pathlib
from logitbench.files import replacing
{first}
with replacing(pathlib.Path("{name}")) as temporary:
    temporary.write_bytes(b"new")
"""


def replace(path: Path, content: bytes) -> None:
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def as_nobody(folder: Path, mode: int) -> subprocess.CompletedProcess[str]:
    """Replace ``file.txt`` in a copy of a folder as a user who owns neither, and copy the result back."""
    reachable = Path("/tmp") / f"{folder.name}-{os.getpid()}"  # noqa: S108 - pytest's own folders are closed to others
    shutil.copytree(folder, reachable)
    try:
        reachable.chmod(mode)
        code = PROGRAM.format(first=f"os.setgid({NOBODY}); os.setuid({NOBODY})", name="file.txt")
        done = subprocess.run([sys.executable, "-c", code], cwd=reachable, capture_output=True, text=True)
        assert [path.name for path in reachable.iterdir()] == ["file.txt"]
        assert owner(reachable / "file.txt") == (0, 0)
        shutil.copy(reachable / "file.txt", folder)
    finally:
        shutil.rmtree(reachable)
    return done


def owner(path: Path) -> tuple[int, int]:
    return path.stat().st_uid, path.stat().st_gid


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file.txt"
    path.write_text("the earlier content, which is longer")
    return path


def test_content_changes_and_nothing_stays_beside_it(file: Path) -> None:
    replace(file, b"new")
    assert file.read_bytes() == b"new"
    assert list(file.parent.iterdir()) == [file]


def test_a_new_file_has_the_mode_that_the_umask_gives(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        replace(tmp_path / "new.txt", b"new")
    finally:
        os.umask(before)
    assert (tmp_path / "new.txt").stat().st_mode & 0o7777 == 0o640


@pytest.mark.parametrize("mode", [0o600, 0o755, 0o664, 0o4750])
def test_the_mode_is_kept(file: Path, mode: int) -> None:
    file.chmod(mode)
    replace(file, b"new")
    assert file.stat().st_mode & 0o7777 == mode


def test_the_time_is_that_of_the_change(file: Path) -> None:
    os.utime(file, (0, 0))
    replace(file, b"new")
    assert file.stat().st_mtime > 1e9


@root
def test_the_owner_and_the_mode_are_kept(file: Path) -> None:
    os.chown(file, NOBODY, NOBODY)
    file.chmod(0o640)
    replace(file, b"new")
    assert owner(file) == (NOBODY, NOBODY)
    assert file.stat().st_mode & 0o7777 == 0o640


@root
@pytest.mark.parametrize("mode", [0o777, 0o755], ids=["folder that can be written", "folder that cannot be written"])
def test_who_may_write_only_the_file_itself_overwrites_it(file: Path, mode: int) -> None:
    """Like a member of a group that may write another's file, or one file of a folder that is not theirs."""
    file.chmod(0o666)
    done = as_nobody(file.parent, mode)
    assert (done.returncode, done.stderr) == (0, "")
    assert file.read_bytes() == b"new"


@root
def test_who_may_write_neither_file_nor_folder_is_refused_by_the_name_of_the_file(file: Path) -> None:
    file.chmod(0o644)
    before = file.read_bytes()
    done = as_nobody(file.parent, 0o755)
    assert re.search(r"PermissionError: .* Permission denied: '.*/file\.txt'\n$", done.stderr)
    assert file.read_bytes() == before


def test_hard_links_stay_one_file(file: Path) -> None:
    other = file.with_name("other.txt")
    other.hardlink_to(file)
    replace(file, b"new")
    assert other.read_bytes() == b"new"
    assert file.samefile(other)


def test_a_file_with_links_keeps_its_content_when_the_disk_is_full(file: Path) -> None:
    file.with_name("other.txt").hardlink_to(file)
    before = file.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        with pytest.raises(OSError, match="File too large"), replacing(file) as temporary:  # noqa: PT012
            temporary.write_bytes(b"x" * 100_000)
            resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert file.read_bytes() == before


def test_extended_attributes_are_kept(file: Path) -> None:
    try:
        os.setxattr(file, "user.note", b"kept")
    except OSError:
        pytest.skip("the file system has no extended attributes")
    replace(file, b"new")
    assert os.getxattr(file, "user.note") == b"kept"


@root
def test_a_file_that_is_mounted_is_overwritten(file: Path) -> None:
    """As containers mount single files."""
    shown = file.with_name("shown.txt")
    shown.touch()
    code = PROGRAM.format(first="", name="shown.txt")
    done = subprocess.run(
        [
            "unshare",
            "--mount",
            "sh",
            "-c",
            'mount --bind file.txt shown.txt || exit 77; "$0" -c "$1"',
            sys.executable,
            code,
        ],
        cwd=file.parent,
    )
    if done.returncode == 77:
        pytest.skip("nothing may be mounted here")
    assert done.returncode == 0
    assert file.read_bytes() == b"new"


def test_a_symbolic_link_stays_one_and_the_file_that_it_leads_to_changes(file: Path) -> None:
    file.chmod(0o600)
    link = file.with_name("link.txt")
    link.symlink_to("file.txt")
    replace(link, b"new")
    assert link.is_symlink()
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"new", 0o600)


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    heard: list[bytes] = []
    reader = threading.Thread(target=lambda: heard.append(pipe.read_bytes()), daemon=True)
    reader.start()
    replace(pipe, b"through")
    reader.join(timeout=10)
    assert heard == [b"through"]
    assert list(tmp_path.iterdir()) == [pipe]


def test_an_exception_leaves_the_earlier_content(file: Path) -> None:
    before = file.read_bytes()
    with pytest.raises(RuntimeError), replacing(file) as temporary:  # noqa: PT012
        temporary.write_bytes(b"half")
        raise RuntimeError
    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]


def test_a_pipe_waits_for_a_reader_that_comes_late(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    heard: list[bytes] = []
    reader = threading.Timer(0.3, lambda: heard.append((tmp_path / "pipe").read_bytes()))
    reader.start()
    replace(tmp_path / "pipe", bytes(1_000_000))  # more than a pipe holds
    reader.join(timeout=10)
    assert heard == [bytes(1_000_000)]


def test_a_pipe_that_no_program_reads_does_not_block_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("logitbench.files.SECONDS_TO_A_READER", 0.2)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match=r"no program has opened this pipe to read it in 0\.2 seconds"):
        replace(tmp_path / "pipe", b"unread")
    assert list(tmp_path.iterdir()) == [tmp_path / "pipe"]
