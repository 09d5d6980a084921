"""The Large Movie Review Dataset, as TensorFlow's text classification tutorial takes it."""

import contextlib
import gzip
import hashlib
import re
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path
from urllib.request import urlopen

import numpy as np

from logitbench.data import paths, text
from logitbench.data.cache import cache_root
from logitbench.data.dataset import Dataset, Notify, Source
from logitbench.data.split import SplitSeed, ValidationSplit, shuffled
from logitbench.errors import DataError

ARCHIVE = "aclImdb_v1.tar.gz"
URL = f"https://ai.stanford.edu/~amaas/data/sentiment/{ARCHIVE}"
MD5 = "7c2ac02c03563afcf9b574c7e56c153a"

CLASSES = ("neg", "pos")

_REVIEW = re.compile(r"(?:\./)?(?:[^/]+/)?train/((?:neg|pos)/[^/]+\.txt)", re.IGNORECASE)
"""Where an archive holds a labelled review; the tutorial deletes ``train/unsup``."""

_TIMEOUT = 30.0  # seconds of silence from the server

_BLOCK, _REPORT = 1 << 20, 20 << 20
"""Bytes read at a time, and bytes after which the user hears of it."""


class Imdb(Source):
    """``source = "imdb"``: 25,000 film reviews; is it a good one?

    Maas et al., "Learning Word Vectors for Sentiment Analysis", ACL 2011. The reviews of ``train/neg`` and
    ``train/pos`` are split and vectorised as the tutorial does, to the letter.
    """

    path: str | None = None
    """The folder ``aclImdb`` or its parent, or the archive (.tar.gz). Without it: the archive in the cache
    folder, downloaded where it is absent."""
    vocabulary_size: text.VocabularySize = 10_000
    sequence_length: text.SequenceLength = 250
    validation_split: ValidationSplit = 0.2
    split_seed: SplitSeed = 42

    def content_digest(self, notify: Notify) -> str:
        """Return the SHA-256 of the archive, or of the folder's reviews.

        Raises:
            DataError: There are no reviews, and they cannot be downloaded.
        """
        place = self._place(notify)
        if place.is_file():
            with _readable(place), place.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        sha = hashlib.sha256()
        for name, content in _from_folder(place):
            sha.update(f"{name} {len(content)} ".encode("utf-8", "surrogateescape"))
            sha.update(content)
        return sha.hexdigest()

    def load(self, notify: Notify) -> Dataset:
        """Read the reviews, split and vectorise them.

        Raises:
            DataError: There are no reviews, or a file is damaged; the message names it.
        """
        place = self._place(notify)
        notify(f"Reading the film reviews in {place} ...")
        reviews = dict(_from_archive(place) if place.is_file() else _from_folder(place))
        names = sorted(reviews)  # neg before pos, each by name: the order in which Keras lists them
        labels = np.array([CLASSES.index(name.partition("/")[0]) for name in names], np.int32)
        for number, name in enumerate(CLASSES):
            if number not in labels:
                raise DataError(f"{place} holds no reviews in train/{name}", _LAYOUT)
        texts = [_decoded(place, name, reviews[name]) for name in names]
        train, val = shuffled(len(texts), int(self.validation_split * len(texts)), self.split_seed)
        tokens = text.vectorise(
            [texts[position] for position in train],
            [texts[position] for position in val],
            text.words,
            vocabulary_size=self.vocabulary_size,
            sequence_length=self.sequence_length,
        )
        return Dataset(
            tokens.x_train,
            labels[train],
            tokens.x_val,
            labels[val],
            classes=CLASSES,
            vocabulary_size=tokens.vocabulary_size,
        )

    def _place(self, notify: Notify) -> Path:
        """Return the archive, or the folder that holds ``train``."""
        path = paths.expanded(self.path) if self.path else cache_root() / "downloads" / ARCHIVE
        with _readable(path):
            if path.is_file():
                return path
            if not self.path:
                return _download(path, notify)
            if not path.exists():
                raise DataError(f"there is no file or folder {paths.shown(path)}", _LAYOUT)
            for folder in (path, path / "aclImdb"):
                if (folder / "train").is_dir():
                    return folder
        raise DataError(f"the folder {self.path!r} holds no reviews: it has no folder 'train'", _LAYOUT)


_LAYOUT = (
    "Give the folder aclImdb as its authors lay it out (train/neg/*.txt, train/pos/*.txt), its parent, "
    f"or the archive {ARCHIVE}."
)


@contextlib.contextmanager
def _readable(place: Path) -> Iterator[None]:
    """Turn what reading may raise into an error that names the file."""
    try:
        yield
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(
            f"{place} is not a whole .tar.gz archive: {error}",
            f"Give the folder aclImdb or the whole archive; it can be had from {URL}.",
        ) from error
    except OSError as error:
        raise DataError(f"cannot read {error.filename or place}: {error.strerror or error}") from error


def _from_archive(place: Path) -> Iterator[tuple[str, bytes]]:
    """Yield each review's ``neg/NAME`` or ``pos/NAME`` and its content.

    Nothing is extracted to disk, so no name can do harm.
    """
    with _readable(place), gzip.open(place) as unzipped:
        with tarfile.open(fileobj=unzipped, mode="r|") as archive:
            for member in archive:
                found = _REVIEW.fullmatch(member.name)
                content = archive.extractfile(member) if found and member.isreg() else None
                if found and content:
                    yield found[1], content.read()
        while unzipped.read(1 << 20):  # to the end, where gzip's checksum stands
            pass


def _from_folder(place: Path) -> Iterator[tuple[str, bytes]]:
    """Yield what ``_from_archive`` yields, sorted by name."""
    for label in CLASSES:
        folder = place / "train" / label
        with _readable(folder):
            files = sorted(folder.iterdir()) if folder.is_dir() else []
            for file in files:
                if file.name.lower().endswith(".txt"):
                    yield f"{label}/{file.name}", file.read_bytes()


def _decoded(place: Path, name: str, content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError(
            f"the review train/{name} in {place} is not UTF-8: "
            f"byte {content[error.start]:#04x} at position {error.start}",
            "Convert the file to UTF-8, or get the reviews again.",
        ) from error


def _download(target: Path, notify: Notify) -> Path:
    notify(f"Downloading the film reviews (84 MB) from {URL} to {target} ...")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        # Into a folder beside it, then renamed: the file at the target is complete, also after a kill.
        with tempfile.TemporaryDirectory(prefix=".download-", dir=target.parent) as folder:
            _fetch(Path(folder) / ARCHIVE, notify).replace(target)
    except (OSError, HTTPException) as error:
        raise DataError(
            f"the film reviews are not here and cannot be downloaded: {error}",
            "Three ways: give the folder aclImdb or the archive to logitbench run with --data PATH; "
            f"or put the archive at {target}; or connect to the internet and run this again.",
        ) from error
    return target


def _fetch(file: Path, notify: Notify) -> Path:
    """Download the archive to a file and return it.

    Raises:
        OSError: The server cannot be reached, or what it sends fails its checksum.
        HTTPException: The server breaks off.
    """
    md5 = hashlib.md5(usedforsecurity=False)
    with urlopen(URL, timeout=_TIMEOUT) as response, file.open("wb") as out:
        while block := response.read(_BLOCK):
            out.write(block)
            md5.update(block)
            if out.tell() % _REPORT == 0:
                notify(f"Downloaded {out.tell() >> 20} MB.")
    if md5.hexdigest() != MD5:
        raise OSError(f"the download failed its checksum: its MD5 is {md5.hexdigest()}, expected {MD5}")
    return file
