import sys

import numpy as np
import pytest
from babel import Locale

from logitbench.data import cldr
from logitbench.data.cldr import Cldr, concept_position


def test_the_family_task_has_some_17650_names_of_13_languages(said: list[str]) -> None:
    data = Cldr().load(said.append)
    assert 16_000 < len(data.y_train) + len(data.y_val) < 20_000  # 17,651 with babel 2.18
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
    assert set(data.y_train) == set(data.y_val) == set(range(18))
    assert {str(Locale.parse(language).script or "Latn") for language in data.classes} == {"Latn"}


def test_no_concept_is_on_both_sides() -> None:
    sides: dict[str, set[bool]] = {}
    source = Cldr(task="language")
    position_of = {name.text: name.position for name in source._names() if "Deutschland" in name.text}
    for kind in cldr.KINDS:
        for language in cldr.LANGUAGE_CLASSES:
            for key in getattr(Locale.parse(language), kind):
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


def test_the_digest_follows_the_task_and_babel(monkeypatch: pytest.MonkeyPatch, said: list[str]) -> None:
    family = Cldr().content_digest(said.append)
    assert family != Cldr(task="language").content_digest(said.append)
    monkeypatch.setattr(sys.modules["babel"], "__version__", "99")
    assert family != Cldr().content_digest(said.append)
