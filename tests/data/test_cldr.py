import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from logitbench.data import cldr
from logitbench.data.cldr import Cldr, concept_position
from tests import make_cldr_names


def test_the_family_task_has_17651_names_of_13_languages(said: list[str]) -> None:
    data = Cldr().load(said.append)
    assert len(data.y_train) + len(data.y_val) == 17_651
    assert 0.15 < len(data.y_val) / (len(data.y_train) + len(data.y_val)) < 0.25
    assert data.classes == ("Germanic", "Romance")
    assert data.input_shape == (48,)
    assert data.vocabulary_size == data.x_train.max() + 1 <= 10_000
    assert 0.4 < data.y_train.mean() < 0.6


def test_each_class_holds_the_names_of_its_languages() -> None:
    names = list(Cldr()._names())
    german = [name for name in names if name.text == "Vereinigte Staaten"]
    spanish = [name for name in names if name.text == "Estados Unidos"]  # in Spanish, Portuguese and Galician
    assert [cldr.FAMILY_CLASSES[name.label] for name in german] == ["Germanic"]
    assert {cldr.FAMILY_CLASSES[name.label] for name in spanish} == {"Romance"}


def test_the_language_task_has_18_languages_in_latin_script(said: list[str]) -> None:
    data = Cldr(task="language").load(said.append)
    assert data.classes == tuple(sorted(data.classes))
    assert len(data.classes) == 18
    assert len(data.y_train) + len(data.y_val) == 24_628
    assert set(data.y_train) == set(data.y_val) == set(range(18))


def test_no_concept_is_on_both_sides() -> None:
    sides: dict[str, set[bool]] = {}
    source = Cldr(task="language")
    position_of = {name.text: name.position for name in source._names() if "Deutschland" in name.text}
    for language in cldr.LANGUAGE_CLASSES:
        for kind, key in cldr.names_in(language):
            sides.setdefault(f"{kind}/{key}", set()).add(concept_position(kind, key) < 0.2)
    assert all(len(found) == 1 for found in sides.values())
    assert position_of["Deutschland"] == concept_position("territories", "DE")


def test_the_split_of_a_concept_never_changes() -> None:
    # Recorded: another value would make results of different versions incomparable.
    assert concept_position("territories", "DE") == pytest.approx(0.030360565)
    assert concept_position("currencies", "EUR") == pytest.approx(0.754319686)


def test_loading_twice_gives_the_same_bytes(said: list[str]) -> None:
    assert Cldr().load(said.append).digest() == Cldr().load(said.append).digest()


def test_longer_ngrams_change_the_tokens_and_not_the_split(said: list[str]) -> None:
    short, long = Cldr(ngram=1).load(said.append), Cldr(ngram=4).load(said.append)
    np.testing.assert_array_equal(short.y_val, long.y_val)
    assert short.vocabulary_size is not None
    assert long.vocabulary_size is not None
    assert short.vocabulary_size < 1000 < long.vocabulary_size


def test_the_digest_follows_the_task_and_the_names(monkeypatch: pytest.MonkeyPatch, said: list[str]) -> None:
    family = Cldr().content_digest(said.append)
    assert family != Cldr(task="language").content_digest(said.append)
    monkeypatch.setattr(cldr, "_table", lambda: b"other names")
    assert family != Cldr().content_digest(said.append)


def test_the_names_never_change() -> None:
    # Recorded: other names change the figures of the README, and no result can be pooled with older ones.
    assert cldr.names_digest() == "d2031b168697b8eafaf617c12b1be74ad32b885697bd660ecbbdb4dc3e370f4e"
    digests = {task: Cldr(task=task).load(lambda line: None).digest() for task in ("family", "language")}
    assert digests == {
        "family": "70640c43a2a66f77cc5e98fab0b279cf894c65109bd31430642df4ea7e148105",
        "language": "96fc2f678927f54daabdd263480072950bd3d1cae9f1b23e6c00128f6d4d6b36",
    }


def test_no_package_is_needed_for_the_names() -> None:
    script = (
        "import sys; sys.modules['babel'] = None; from logitbench.data.cldr import Cldr;"
        "print(len(Cldr().load(print).y_train))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert int(done.stdout) > 10_000


def test_the_script_writes_the_names_that_are_shipped() -> None:
    babel = pytest.importorskip("babel")
    if babel.__version__ != make_cldr_names.BABEL:
        pytest.skip(f"needs babel {make_cldr_names.BABEL}, got {babel.__version__}")
    assert hashlib.sha256(make_cldr_names.table().encode()).hexdigest() == cldr.names_digest()
    packaged = Path(babel.__file__).parent / "locale-data" / "LICENSE.unicode"
    assert make_cldr_names.LICENSE.read_bytes() == packaged.read_bytes()


def test_the_script_refuses_another_version_of_babel(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("babel")
    monkeypatch.setattr(make_cldr_names, "BABEL", "0.1")
    with pytest.raises(SystemExit, match=r"the names come from 0\.1\. pip install babel==0\.1"):
        make_cldr_names.main()


def test_the_licence_of_the_names_is_beside_them() -> None:
    assert make_cldr_names.LICENSE.read_text(encoding="utf-8").startswith("UNICODE LICENSE V3\n")
