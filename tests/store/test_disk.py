"""Changes on disk where the system refuses the usual way."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from logitbench import doctor, resume, store
from logitbench.store import disk
from tests.handmade import epoch, publish, run_record

ROWS = [epoch(arm, number) for number in (1, 2) for arm in ("logits", "probs")]
RUN = run_record(epochs=2, seeds=2)


def with_a_damaged_trial(results: Path) -> Path:
    folder = store.create_run(results, RUN)
    for seed in (0, 1):
        publish(folder, ROWS, seed)
    (folder / "seed-0001" / "epochs.jsonl").write_text("{}\n")
    return folder


@pytest.fixture
def image(tmp_path: Path) -> Iterator[Path]:
    """Results in the lower layer of an overlayfs, as in a container's image; needs the right to mount one."""
    if shutil.which("mount") is None:
        pytest.skip("there is no mount")
    base, merged = tmp_path / "base", tmp_path / "merged"
    base.mkdir()
    merged.mkdir()
    options = f"lowerdir={base}/lower,upperdir={base}/upper,workdir={base}/work"
    mounted = []
    try:
        for kind, where, extra in (("tmpfs", base, "size=2m"), ("overlay", merged, options)):
            if kind == "overlay":
                with_a_damaged_trial(base / "lower" / "results")
                (base / "upper").mkdir()
                (base / "work").mkdir()
            mount = ["mount", "-t", kind, "-o", extra, kind, str(where)]
            if subprocess.run(mount, capture_output=True).returncode != 0:
                pytest.skip("may not mount a file system")
            mounted.append(where)
        yield merged / "results"
    finally:
        for where in reversed(mounted):
            subprocess.run(["umount", "-l", str(where)], check=True)


def test_repair_works_on_a_containers_image(image: Path) -> None:
    (broken,) = [finding for finding in doctor.examine([image]).findings if finding.kind == "broken"]

    assert "moved to" in str(doctor.repair(broken))

    folder = image / "handmade" / "first"
    assert not (folder / "seed-0001").exists()
    assert (folder / "broken" / "seed-0001-1" / "epochs.jsonl").read_text() == "{}\n"


def test_resume_works_on_a_containers_image(image: Path) -> None:
    begun = resume.run_to_resume(image, RUN, None)
    assert begun

    assert list(resume.missing(*begun)) == [1]
    publish(begun[0], ROWS, 1)

    assert [trial.record.seed for trial in store.read([image]).trials] == [0, 1]


class OtherDevice:
    """Renames as between two devices: only what is a copy's hidden name may be renamed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        rename = Path.rename

        def refuse(path: Path, target: Path) -> Path:
            if not path.name.startswith(disk.COPY):
                raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), str(path))
            return rename(path, target)

        monkeypatch.setattr(Path, "rename", refuse)


def files(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    (folder / "below").mkdir(parents=True)
    (folder / "below" / "file").write_text("content")
    (folder / "link").symlink_to("below/file")
    (folder / "below" / "file").chmod(0o640)
    return folder


def test_a_folder_is_moved_whole_where_no_rename_is_allowed(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    OtherDevice(monkeypatch)

    disk.rename(source, tmp_path / "target")

    assert not source.exists()
    assert (tmp_path / "target" / "below" / "file").read_text() == "content"
    assert (tmp_path / "target" / "below" / "file").stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "target" / "link").readlink() == Path("below/file")
    assert [path.name for path in tmp_path.iterdir()] == ["target"]


@pytest.mark.parametrize("failing", ["copy", "fsync", "unlink"])
def test_a_move_by_copy_that_fails_anywhere_leaves_the_source_or_the_whole_target(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    OtherDevice(monkeypatch)
    before = files(source)

    def full(operation: str, path: Path, content: bytes) -> None:
        if operation == failing:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    monkeypatch.setattr(disk, "watch", full)
    with pytest.raises(OSError, match="No space left"):
        disk.rename(source, tmp_path / "target")

    assert files(source) == before
    assert failing == "copy" or files(tmp_path / "target") == before
    assert not list(tmp_path.glob(f"{disk.COPY}*"))


def test_a_copy_that_cannot_be_finished_leaves_nothing_but_the_source(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    OtherDevice(monkeypatch)
    os.mkfifo(source / "pipe")  # cannot be copied

    with pytest.raises(OSError, match="named pipe"):
        disk.rename(source, tmp_path / "target")

    assert (source / "below" / "file").read_text() == "content"
    assert [path.name for path in tmp_path.iterdir()] == ["source"]


def test_what_is_in_the_target_is_not_replaced(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    OtherDevice(monkeypatch)
    (tmp_path / "target").mkdir()
    (tmp_path / "target" / "mine").write_text("mine")

    with pytest.raises(OSError, match="not empty"):
        disk.rename(source, tmp_path / "target")

    assert files(tmp_path / "target") == {"mine": "mine"}
    assert (source / "below" / "file").exists()
    assert not list(tmp_path.glob(f"{disk.COPY}*"))
