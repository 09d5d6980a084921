import numpy as np
import pytest

from logitbench.data import characters, cldr
from logitbench.data.cache import source
from logitbench.data.characters import Characters, endings
from logitbench.data.cldr import LANGUAGE_CLASSES
from logitbench.data.text import PADDING, UNKNOWN
from logitbench.errors import DataError, UsageError
from logitbench.spec import DataSpec


def test_english_has_17139_characters_of_58_kinds(said: list[str]) -> None:
    data = Characters().load(said.append)
    assert len(data.y_train) + len(data.y_val) == 17_139
    assert 0.15 < len(data.y_val) / (len(data.y_train) + len(data.y_val)) < 0.25
    assert data.num_classes == 58
    assert {"end", "space", "a", "z"} <= set(data.classes)
    assert len(set(data.classes)) == data.num_classes
    assert data.input_shape == (4,)
    assert data.vocabulary_size == data.x_train.max() + 1 <= 10_000


def test_no_name_is_on_both_sides_nor_twice_on_one(monkeypatch: pytest.MonkeyPatch, said: list[str]) -> None:
    sides: list[list[str]] = []
    examples = Characters._examples

    def noted(self: Characters, names: list[str]) -> object:
        sides.append(list(names))
        return examples(self, names)

    monkeypatch.setattr(Characters, "_examples", noted)
    Characters().load(said.append)

    train, val = sides
    assert set(train).isdisjoint(val)
    assert len(train) + len(val) == len(set(train) | set(val)) > 1_000
    assert "latin" in set(train) | set(val)  # a language's name and a script's


def test_each_place_of_a_name_is_an_example_and_so_is_its_end() -> None:
    found = list(Characters(context=3)._examples(["laos"]))
    assert found == [("\n", "l"), ("\nl", "a"), ("\nla", "o"), ("lao", "s"), ("aos", "end")]
    assert endings("lao") == ["o", "ao", "lao"]


def test_there_is_an_end_for_each_name(said: list[str]) -> None:
    data = Characters().load(said.append)
    ends = sum(int((labels == data.classes.index("end")).sum()) for labels in (data.y_train, data.y_val))
    assert ends == len(Characters()._names())


def test_what_stands_in_validation_alone_is_unknown_as_input_and_left_out_as_class(
    monkeypatch: pytest.MonkeyPatch, said: list[str]
) -> None:
    monkeypatch.setattr(Characters, "_names", lambda self: {"aa", "axa"})
    monkeypatch.setattr(characters, "concept_position", lambda kind, name: 0.1 if "x" in name else 0.9)
    data = Characters(context=2).load(said.append)
    assert data.classes == ("end", "a")
    assert data.notes == ("1 validation examples left out: no training name has their character.",)
    assert [data.classes[label] for label in data.y_val] == ["a", "a", "end"]
    after_x = data.x_val[1]  # the last character, and the last two
    assert list(after_x) == [UNKNOWN, UNKNOWN]
    assert data.x_val[0][1] == PADDING


@pytest.mark.parametrize("language", LANGUAGE_CLASSES)
def test_every_language_has_both_sides(language: str, said: list[str]) -> None:
    data = Characters(language=language).load(said.append)
    assert len(data.y_train) > len(data.y_val) > 1_000
    assert set(data.y_val) <= set(data.y_train)


def test_a_language_that_is_not_there_is_refused_with_a_near_one() -> None:
    with pytest.raises(UsageError, match=r"data\.language should be .*, got 'enn'") as caught:
        source(DataSpec(source="cldr-characters", language="enn"))
    assert caught.value.hint == "Did you mean 'en'?"


def test_a_split_without_names_on_one_side_is_refused(said: list[str]) -> None:
    with pytest.raises(DataError, match=r"validation_split = 1e-09 leaves no names"):
        Characters(validation_split=1e-9).load(said.append)


def test_loading_twice_gives_the_same_bytes(said: list[str]) -> None:
    first, second = Characters().load(said.append), Characters().load(said.append)
    assert first.digest() == second.digest()
    np.testing.assert_array_equal(first.x_val, second.x_val)


def test_the_characters_never_change(said: list[str]) -> None:
    # Recorded, as in test_cldr.py.
    assert Characters().load(said.append).digest() == "ea060dae80b4eaa8aa4bd6d98abbe8fb767492df84909df2e18ffd18d4513c27"


def test_the_digest_follows_the_names(monkeypatch: pytest.MonkeyPatch, said: list[str]) -> None:
    before = Characters().content_digest(said.append)
    monkeypatch.setattr(cldr, "_table", lambda: b"other names")
    assert before != Characters().content_digest(said.append)
