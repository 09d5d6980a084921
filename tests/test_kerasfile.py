"""Files that are no models, or would take all the memory: refused by name, and the others are checked."""

from __future__ import annotations

import resource
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from logitbench.checks.engine import Settings, check
from logitbench.errors import UnreadableError
from logitbench.kerasfile import LARGEST, config_of, require_loadable
from tests.checks.saved.written import written
from tests.hostile.material import BOMBS

RIGHT: dict[str, Any] = {
    "module": "keras",
    "class_name": "Sequential",
    "config": {"layers": []},
    "registered_name": None,
}


@pytest.fixture(autouse=True)
def little_memory() -> Iterator[None]:
    """Each test may take half a gibibyte more than there is in use."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + 2**29, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


def test_the_config_is_read(tmp_path: Path) -> None:
    for compression in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        assert config_of(written(tmp_path / "a.keras", RIGHT, compression)) == RIGHT


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "a .keras file is a zip archive, and this is none"),
        (b"PK\x03\x04 torn", "a .keras file is a zip archive"),
        (b"\x89HDF\r\n\x1a\n" + bytes(100), r"save it again with Keras 3: model.save\(\"model.keras\"\)"),
        (bytes(100_000), "a .keras file is a zip archive"),
    ],
)
def test_what_is_no_archive_is_refused_with_what_to_do(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "a.keras"
    path.write_bytes(content)
    with pytest.raises(UnreadableError, match=said):
        config_of(str(path))


def test_what_is_gone_or_a_folder_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "gone.keras", tmp_path):
        with pytest.raises(UnreadableError, match="it cannot be read"):
            config_of(str(path))


def test_an_archive_without_a_model_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.keras", "w") as archive:
        archive.writestr("readme.txt", "no model")
    with pytest.raises(UnreadableError, match=r"it has no config\.json"):
        config_of(str(tmp_path / "a.keras"))


@pytest.mark.parametrize("cut", [0.1, 0.5, 0.9, 0.99])
def test_a_file_that_is_cut_short_is_refused(tmp_path: Path, cut: float) -> None:
    path = Path(written(tmp_path / "a.keras", RIGHT))
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * cut)])
    with pytest.raises(UnreadableError):
        config_of(str(path))


def test_any_byte_that_is_changed_gives_a_config_or_is_refused(tmp_path: Path) -> None:
    path = Path(written(tmp_path / "a.keras", RIGHT))
    whole = path.read_bytes()
    for place in range(len(whole)):
        for byte in (0, 1, 0x7F, 0xFF):
            path.write_bytes(whole[:place] + bytes([byte]) + whole[place + 1 :])
            check([str(path)], Settings())


def test_a_bomb_is_refused_whatever_it_says_of_its_size(tmp_path: Path) -> None:
    path = Path(written(tmp_path / "a.keras", b" " * (LARGEST + 1)))
    assert path.stat().st_size < 100_000
    with pytest.raises(UnreadableError, match=f"should have at most {LARGEST} bytes"):
        config_of(str(path))
    lying = path.read_bytes().replace(struct.pack("<I", LARGEST + 1), struct.pack("<I", 10))
    path.write_bytes(lying)
    with pytest.raises(UnreadableError):
        config_of(str(path))


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_compression_that_cannot_be_unpacked_in_parts_is_refused(tmp_path: Path, compression: int) -> None:
    with pytest.raises(UnreadableError, match="should be stored or deflated"):
        config_of(written(tmp_path / "a.keras", RIGHT, compression))


def test_a_directory_of_gigabytes_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.keras"
    size = 3 * 10**9
    with path.open("wb") as file:
        file.truncate(size)
        file.seek(size)
        file.write(struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, size, 0, 0))
    with pytest.raises(UnreadableError):
        config_of(str(path))


@pytest.mark.parametrize("content", BOMBS, ids=range(len(BOMBS)))
def test_a_config_that_is_a_bomb_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UnreadableError, match=r"config\.json"):
        config_of(written(tmp_path / "a.keras", content))


def test_a_file_that_is_refused_is_named_and_the_others_are_checked(tmp_path: Path) -> None:
    torn = tmp_path / "torn.keras"
    torn.write_bytes(b"torn")
    report = check([str(torn), written(tmp_path / "a.keras", RIGHT)], Settings())
    assert ([one.path for one in report.unparsable], report.files) == ([str(torn)], 1)


def packed(path: Path, **parts: bytes) -> str:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {"config_json": b"{}", "metadata_json": b"{}", **parts}.items():
            archive.writestr(name.replace("_json", ".json"), content)
    return str(path)


def test_weights_that_unpack_to_far_more_than_the_file_are_refused(tmp_path: Path) -> None:
    require_loadable(packed(tmp_path / "a.keras", weights=bytes(LARGEST)))
    with pytest.raises(UnreadableError, match="its weights should unpack to at most 100 bytes for each byte"):
        require_loadable(packed(tmp_path / "b.keras", weights=bytes(LARGEST + 1)))


def test_a_large_file_whose_weights_are_stored_as_they_are_is_loadable(tmp_path: Path) -> None:
    path = tmp_path / "a.keras"
    packed(path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_STORED) as archive:
        archive.writestr("weights", bytes(LARGEST + 1))
    require_loadable(str(path))


def test_a_file_without_metadata_is_not_loadable(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match=r"it has no metadata\.json"):
        require_loadable(written(tmp_path / "a.keras", RIGHT))
