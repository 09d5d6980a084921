import hashlib
import io
import os
import random
import re
import shutil
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest

from logitbench.data import imdb
from logitbench.data.cache import obtain, open_dataset
from logitbench.data.imdb import Imdb
from logitbench.errors import DataError
from logitbench.spec import DataSpec


@pytest.fixture
def folder(tmp_path: Path, sentences: list[str]) -> Path:
    """A small aclImdb of real sentences, with the reviews that the tutorial leaves out."""
    place = tmp_path / "aclImdb"
    for number, sentence in enumerate(sentences[:106]):
        file = place / "train" / ("pos", "neg")[number % 2] / f"{number}_{number % 10}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(sentence, encoding="utf-8")
    for other in ("train/unsup/0_0.txt", "test/pos/0_9.txt"):
        (place / other).parent.mkdir(parents=True)
        (place / other).write_text("left out", encoding="utf-8")
    (place / "train" / "urls_pos.txt").write_text("http://example.org\n", encoding="utf-8")
    (place / "train" / "pos" / "notes.md").write_text("not a review", encoding="utf-8")
    return place


@pytest.fixture
def archive(folder: Path, tmp_path: Path) -> Path:
    """The same as an archive."""
    path = tmp_path / "reviews.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        tar.add(folder, "aclImdb")
    return path


def keras_split(folder: Path) -> dict[str, tuple[list[str], list[int]]]:
    """Texts and labels of both sides as Keras gives them."""
    from keras.utils import text_dataset_from_directory

    both: Any = text_dataset_from_directory(
        folder / "train",
        batch_size=None,
        validation_split=0.2,
        subset="both",
        seed=42,
        class_names=["neg", "pos"],
        verbose=False,
    )
    sides = {}
    for side, data in zip(("training", "validation"), both, strict=True):
        pairs = [(text.numpy().decode(), int(label)) for text, label in data]
        sides[side] = ([text for text, _ in pairs], [label for _, label in pairs])
    return sides


def test_the_split_and_the_tokens_are_those_of_the_tutorial(folder: Path, said: list[str]) -> None:
    from logitbench.data import text

    shutil.rmtree(folder / "train" / "unsup")  # as the tutorial does
    sides = keras_split(folder)
    data = Imdb(path=str(folder), vocabulary_size=200, sequence_length=30).load(said.append)
    expected = text.vectorise(
        sides["training"][0], sides["validation"][0], text.words, vocabulary_size=200, sequence_length=30
    )
    np.testing.assert_array_equal(data.x_val, expected.x_val)  # in the same order: Keras shuffles these no more
    np.testing.assert_array_equal(data.y_val, sides["validation"][1])
    ours = sorted(zip(data.x_train.tolist(), data.y_train.tolist(), strict=True))
    assert ours == sorted(zip(expected.x_train.tolist(), sides["training"][1], strict=True))
    assert (len(data.y_train), len(data.y_val)) == (85, 21)
    assert data.classes == ("neg", "pos")


def test_folder_parent_and_archive_give_the_same_dataset(folder: Path, archive: Path, said: list[str]) -> None:
    digests = {Imdb(path=str(path)).load(said.append).digest() for path in (folder, folder.parent, archive)}
    assert len(digests) == 1


def test_reading_an_archive_writes_nothing(archive: Path, tmp_path: Path, said: list[str]) -> None:
    before = sorted(tmp_path.rglob("*"))
    Imdb(path=str(archive)).load(said.append)
    assert sorted(tmp_path.rglob("*")) == before


def test_members_with_other_names_are_passed_over(archive: Path, tmp_path: Path, said: list[str]) -> None:
    expected = Imdb(path=str(archive)).load(said.append).digest()
    evil = tmp_path / "evil.tar.gz"
    with tarfile.open(archive) as old, tarfile.open(evil, "w:gz") as new:
        for member in old:
            new.addfile(member, old.extractfile(member) if member.isreg() else None)
        for name in ("../../train/pos/1.txt", "/train/pos/../1.txt", "train/pos/a/b.txt", "x/y/train/pos/1.txt"):
            info = tarfile.TarInfo(name)
            info.size = 4
            new.addfile(info, io.BytesIO(b"evil"))
        link = tarfile.TarInfo("aclImdb/train/pos/link.txt")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        new.addfile(link)
    assert Imdb(path=str(evil)).load(said.append).digest() == expected


def test_the_folder_digest_follows_names_and_contents(folder: Path, said: list[str]) -> None:
    source = Imdb(path=str(folder))
    digests = [source.content_digest(said.append)]
    review = next((folder / "train" / "pos").glob("*.txt"))
    review.write_text("something else", encoding="utf-8")
    digests.append(source.content_digest(said.append))
    review.rename(review.with_name("zzz.txt"))
    digests.append(source.content_digest(said.append))
    assert len(set(digests)) == 3


def test_the_archive_digest_is_its_sha256(archive: Path, said: list[str]) -> None:
    expected = hashlib.sha256(archive.read_bytes()).hexdigest()
    assert Imdb(path=str(archive)).content_digest(said.append) == expected


@pytest.mark.parametrize("share", [0.1, 0.5, 0.999])
def test_a_truncated_archive_is_named(archive: Path, share: float, said: list[str]) -> None:
    content = archive.read_bytes()
    archive.write_bytes(content[: int(share * len(content))])
    with pytest.raises(DataError, match=re.escape(f"{archive} is not a whole .tar.gz archive")) as caught:
        Imdb(path=str(archive)).load(said.append)
    assert imdb.URL in caught.value.hint
    assert "Delete" not in caught.value.hint  # it is the user's own


def test_a_single_flipped_byte_is_found(archive: Path, said: list[str]) -> None:
    content = bytearray(archive.read_bytes())
    content[-8] ^= 1  # in gzip's checksum, behind the last review
    archive.write_bytes(content)
    with pytest.raises(DataError, match="is not a whole"):
        Imdb(path=str(archive)).load(said.append)


def test_a_file_that_is_no_archive_is_named(tmp_path: Path, said: list[str]) -> None:
    file = tmp_path / "reviews.zip"
    file.write_bytes(b"PK\x03\x04 and so on")
    with pytest.raises(DataError, match=r"reviews\.zip is not a whole \.tar\.gz archive"):
        Imdb(path=str(file)).load(said.append)


def test_a_review_that_is_not_utf8_is_named(folder: Path, said: list[str]) -> None:
    (folder / "train" / "neg" / "bad_1.txt").write_bytes(b"caf\xe9")
    with pytest.raises(DataError, match=r"train/neg/bad_1\.txt in .* is not UTF-8: byte 0xe9 at position 3") as caught:
        Imdb(path=str(folder)).load(said.append)
    assert "UTF-8" in caught.value.hint


@pytest.mark.parametrize(
    ("layout", "message"),
    [(".", "holds no reviews: it has no folder 'train'"), ("train/neg", "holds no reviews in train/neg")],
)
def test_a_folder_without_reviews_is_refused(tmp_path: Path, layout: str, message: str, said: list[str]) -> None:
    place = tmp_path / "empty"
    (place / layout).mkdir(parents=True)
    with pytest.raises(DataError, match=message) as caught:
        Imdb(path=str(place)).load(said.append)
    assert "train/neg/*.txt" in caught.value.hint


def test_a_class_without_reviews_is_named(folder: Path, said: list[str]) -> None:
    shutil.rmtree(folder / "train" / "pos")
    with pytest.raises(DataError, match="holds no reviews in train/pos"):
        Imdb(path=str(folder)).load(said.append)


def test_a_path_that_is_not_there_is_named(tmp_path: Path, said: list[str]) -> None:
    with pytest.raises(DataError, match="there is no file or folder 'nowhere' in /") as caught:
        Imdb(path="nowhere").content_digest(said.append)
    assert "aclImdb" in caught.value.hint
    with pytest.raises(DataError, match="cannot expand '~nosuch/aclImdb'"):
        Imdb(path="~nosuch/aclImdb").content_digest(said.append)


def test_without_a_path_the_archive_in_the_cache_is_read(archive: Path, cache: Path, said: list[str]) -> None:
    (cache / "downloads").mkdir(parents=True)
    archive.rename(cache / "downloads" / imdb.ARCHIVE)
    assert len(Imdb().load(said.append).y_train) == 85
    assert not any("Downloading" in line for line in said)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[bytes]:
    """Serve an archive of 20 reviews on this machine, in place of the real one, and give its bytes."""
    archive = tmp_path / "served" / imdb.ARCHIVE
    archive.parent.mkdir()
    with tarfile.open(archive, "w:gz") as tar:
        for number in range(20):
            member = tarfile.TarInfo(f"aclImdb/train/{('pos', 'neg')[number % 2]}/{number}_1.txt")
            content = random.Random(number).randbytes(1000).hex().encode()  # which gzip cannot make much smaller
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    serving = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=archive.parent))
    thread = Thread(target=serving.serve_forever)
    thread.start()
    monkeypatch.setattr(imdb, "URL", f"http://127.0.0.1:{serving.server_port}/{archive.name}")
    monkeypatch.setattr(imdb, "MD5", hashlib.md5(archive.read_bytes()).hexdigest())  # noqa: S324 - as published
    yield archive.read_bytes()
    serving.shutdown()
    thread.join()
    serving.server_close()


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None: ...


def test_without_network_the_three_ways_are_told(cache: Path, monkeypatch: pytest.MonkeyPatch, said: list[str]) -> None:
    monkeypatch.setattr(imdb, "URL", "http://127.0.0.1:9/nothing-listens-here")
    with pytest.raises(DataError, match=r"not here and cannot be downloaded: .*Connection refused") as caught:
        Imdb().content_digest(said.append)
    assert caught.value.exit_code == 3
    assert "--data PATH" in caught.value.hint
    assert str(cache / "downloads" / imdb.ARCHIVE) in caught.value.hint
    assert "connect" in caught.value.hint
    assert list((cache / "downloads").iterdir()) == []


def test_a_download_is_put_into_the_cache_intact(
    server: bytes, cache: Path, monkeypatch: pytest.MonkeyPatch, said: list[str]
) -> None:
    monkeypatch.setattr(imdb, "_BLOCK", 1000)
    monkeypatch.setattr(imdb, "_REPORT", 4000)
    obtained = obtain(DataSpec(source="imdb"), said.append)
    assert len(open_dataset(obtained.folder).y_train) == 16
    assert [path.read_bytes() for path in (cache / "downloads").iterdir()] == [server]
    assert sum("Downloading" in line for line in said) == 1
    assert said.count("Downloaded 0 MB.") == len(server) // 4000


def test_a_download_that_fails_its_checksum_is_not_kept(
    server: bytes, cache: Path, monkeypatch: pytest.MonkeyPatch, said: list[str]
) -> None:
    monkeypatch.setattr(imdb, "MD5", "0" * 32)
    with pytest.raises(DataError, match=r"failed its checksum: its MD5 is \w{32}, expected 0{32}"):
        Imdb().content_digest(said.append)
    assert list((cache / "downloads").iterdir()) == []


def test_the_download_says_nothing_itself_and_needs_no_tensorflow(server: bytes, tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from logitbench.data import imdb;"
        f"imdb.URL, imdb.MD5 = {imdb.URL!r}, {imdb.MD5!r}; imdb._fetch(Path({str(tmp_path / 'got')!r}), print);"
        "sys.exit('keras' in sys.modules or 'tensorflow' in sys.modules)"
    )
    environment = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.slow
def test_the_real_reviews_are_ready_within_seconds(shared: Callable[[str], Path], said: list[str]) -> None:
    path = shared("aclImdb_labelled.tar.gz")
    started = time.process_time()
    data = Imdb(path=str(path)).load(said.append)
    assert time.process_time() - started < 20  # 3.5 s on one core at rest
    assert data.x_train.shape == (20_000, 250)
    assert data.x_val.shape == (5_000, 250)
    assert data.vocabulary_size == 10_000
    # Recorded when every token number and label was that of text_dataset_from_directory and TextVectorization.
    assert data.digest() == "2bf1b9e74e79f88b35838c4bd7960303e59f2b0b650e0cf199cbffcf42db3aff"
