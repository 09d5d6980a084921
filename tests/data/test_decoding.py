import contextlib
import encodings.aliases
from pathlib import Path

import pytest

from logitbench.data.decoding import decoded, require_encoding
from logitbench.errors import DataError, UsageError

PLACE = Path("a.csv")
TEXT = "text,label\nhi,ham\nGrüße,ham\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "UTF8", "utf-8-sig", "latin-1", "cp1252", "mac-roman", "utf-16", "utf-16-le", "utf-32"]
)
def test_a_text_is_read_in_the_encoding_that_is_named(encoding: str) -> None:
    assert decoded(TEXT.encode(encoding), PLACE, encoding) == TEXT


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
        assert decoded(f"\ufeff{TEXT}".encode(encoding), PLACE, encoding) == TEXT


@pytest.mark.parametrize(
    ("written", "flag", "shown"),
    [
        ("cp1252", "cp1252", "'Grüße,ham'"),
        ("latin-1", "cp1252", "'Grüße,ham'"),
    ],
)
def test_bytes_that_are_not_utf8_are_answered_with_the_flag_to_type(written: str, flag: str, shown: str) -> None:
    with pytest.raises(DataError, match=r"a\.csv is not UTF-8: byte 0x.. at position \d+, line \d") as caught:
        decoded(TEXT.encode(written), PLACE, "utf-8")
    assert f"--set data.encoding={flag}." in caught.value.hint
    assert shown in caught.value.hint
    assert decoded(TEXT.encode(written), PLACE, flag) == TEXT


def test_what_cp1252_does_not_have_is_latin_1() -> None:
    with pytest.raises(DataError) as caught:
        decoded(b"text,label\ncaf\xe9 \x81,ham\n", PLACE, "utf-8")
    assert "--set data.encoding=latin-1." in caught.value.hint


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_utf16_is_recognised_with_and_without_a_mark(encoding: str) -> None:
    content = TEXT.encode(encoding)
    with pytest.raises(DataError, match="is not UTF-8: it looks like") as caught:
        decoded(content, PLACE, "utf-8")
    assert caught.value.hint == f"To read it: --set data.encoding={encoding}"


@pytest.mark.parametrize(
    ("content", "encoding"),
    [(b"a\x81", "cp1252"), (b"abc", "utf-16"), (b"caf\xe9", "ascii"), (b"\x00\xd8", "utf-16-le")],
)
def test_a_wrong_encoding_is_said_with_the_place(content: bytes, encoding: str) -> None:
    with pytest.raises(DataError, match=rf"a\.csv is not {encoding}: byte 0x.. at position") as caught:
        decoded(content, PLACE, encoding)
    assert caught.value.hint == "Name its encoding: --set data.encoding=NAME"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_the_byte_is_named_by_its_position_in_the_file_also_after_a_byte_order_mark(encoding: str) -> None:
    with pytest.raises(DataError, match="is not UTF-8: byte 0xff at position 5, line 1"):
        decoded(b"\xef\xbb\xbfab\xff", PLACE, encoding)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_line_is_right_and_shown_with_every_line_end(end: str) -> None:
    with pytest.raises(DataError, match="line 3") as caught:
        decoded(TEXT.replace("\n", end).encode("cp1252"), PLACE, "utf-8")
    assert "it says 'Grüße,ham' there" in caught.value.hint


@pytest.mark.parametrize("encoding", sorted(set(encodings.aliases.aliases.values())))
def test_every_codec_gives_text_or_an_error_of_the_data(encoding: str) -> None:
    try:
        require_encoding(encoding)
    except UsageError:
        return
    for content in (
        TEXT.encode("latin-1"),
        b"text,label\na-9zz9,1\n",
        b"\xef\xbb\xbfab\xff",
        bytes(range(256)),
        b"\\N{x",
    ):
        with contextlib.suppress(DataError):
            assert isinstance(decoded(content, PLACE, encoding), str)


def test_a_codec_that_fails_in_its_own_way_is_an_error_of_the_data() -> None:
    with pytest.raises(DataError, match=r"a\.csv is not punycode: ") as caught:
        decoded(b"text,label\na nice film-,1\n", PLACE, "punycode")
    assert caught.value.hint == "Name its encoding: --set data.encoding=NAME"


def test_only_the_surroundings_of_a_long_line_are_shown() -> None:
    with pytest.raises(DataError) as caught:
        decoded(b"x" * 10_000 + b"\xe9" + b"y" * 10_000, PLACE, "utf-8")
    assert "'" + "x" * 30 + "é" + "y" * 29 + "'" in caught.value.hint


@pytest.mark.parametrize("name", ["utf-9", "", "base64", "undefined", "a\0"])
def test_an_encoding_that_python_does_not_know_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match=r"data\.encoding should be a text encoding that Python knows, got ") as caught:
        require_encoding(name)
    assert "latin-1" in caught.value.hint


def test_bytes_that_are_no_text_are_not_called_utf_16() -> None:
    with pytest.raises(DataError, match=r"a\.csv is not a text file") as caught:
        decoded(bytes(range(256)), Path("a.csv"), "utf-8")
    assert "CSV" in caught.value.hint
