import time
from functools import partial
from typing import Any

import numpy as np
import pytest

from logitbench.data import text

ODD = [
    "",
    "   ",
    "<br /><BR /><br/>film<br />review",
    "It's; (a) [TEST] -- of: `punctuation`, {really}! ^_^ \\ / | ~ @ # $ % & * + = < > ? \"",
    "tabs\tand\nlines\r\nand\x0bvertical\x0cfeeds\x1cand\x1funits\x85next\xa0no-break\u3000wide spaces",
    "ÉCOLE école STRASSE straße İstanbul ΣΊΣΥΦΟΣ don\u2019t \u201cquote\u201d \N{FILM FRAMES}",
    "null\x00inside",
    "12345 1,000.50 007",
]


def keras_tokens(train: list[str], val: list[str], size: int, length: int) -> tuple[Any, Any, int]:
    """What the tutorial's layer makes of the texts."""
    import re
    import string

    import tensorflow as tf
    from keras.layers import TextVectorization

    def standardise(texts: Any) -> Any:
        plain = tf.strings.regex_replace(tf.strings.lower(texts), "<br />", " ")
        return tf.strings.regex_replace(plain, f"[{re.escape(string.punctuation)}]", "")

    layer = TextVectorization(size, standardize=standardise, output_mode="int", output_sequence_length=length)
    layer.adapt(tf.data.Dataset.from_tensor_slices(train).batch(32))
    return layer(train).numpy(), layer(val).numpy(), layer.vocabulary_size()


@pytest.mark.parametrize(("size", "length"), [(300, 20), (1000, 5), (100_000, 60)])
def test_token_numbers_are_those_of_keras_ties_included(sentences: list[str], size: int, length: int) -> None:
    train, val = sentences[:500] + ODD, sentences[500:700] + ODD
    tokens = text.vectorise(train, val, text.words, vocabulary_size=size, sequence_length=length)
    x_train, x_val, vocabulary_size = keras_tokens(train, val, size, length)
    np.testing.assert_array_equal(tokens.x_train, x_train)
    np.testing.assert_array_equal(tokens.x_val, x_val)
    assert tokens.vocabulary_size == vocabulary_size
    assert tokens.x_train.dtype == np.int32


def test_equally_frequent_words_are_numbered_from_the_end_of_the_alphabet() -> None:
    numbers = text.vocabulary([[b"b", b"a", b"c", b"a"]], size=100)
    assert numbers == {b"a": 2, b"c": 3, b"b": 4}


def test_the_vocabulary_leaves_room_for_padding_and_unknown() -> None:
    assert list(text.vocabulary([[b"b", b"a", b"c", b"a"]], size=4)) == [b"a", b"c"]


def test_long_texts_lose_their_end_and_short_ones_are_padded_at_theirs() -> None:
    tokens = text.vectorise(["a a b", "a"], ["c a"], text.words, vocabulary_size=9, sequence_length=2)
    assert tokens.x_train.tolist() == [[2, 2], [2, 0]]
    assert tokens.x_val.tolist() == [[1, 2]]


def test_only_training_texts_make_the_vocabulary() -> None:
    tokens = text.vectorise(["a"], ["b b b"], text.words, vocabulary_size=9, sequence_length=3)
    assert tokens.vocabulary_size == 3
    assert tokens.x_val.tolist() == [[1, 1, 1]]


def test_a_lone_surrogate_is_a_character_like_others() -> None:
    assert text.words("a\ud800 b") == [b"a\xed\xa0\x80", b"b"]


def test_ngrams_are_lower_cased_in_every_script_and_mark_both_ends() -> None:
    assert text.ngrams("Ålan", 3) == ["·ål", "åla", "lan", "an·"]


def test_a_name_shorter_than_the_ngram_is_one_token() -> None:
    assert text.ngrams("Ö", 5) == ["·ö·"]
    assert text.ngrams("", 3) == ["··"]


def test_ngrams_are_counted_and_numbered_like_words() -> None:
    tokens = text.vectorise(["aa", "a"], [], partial(text.ngrams, n=2), vocabulary_size=9, sequence_length=4)
    assert tokens.x_train.tolist() == [[2, 4, 3, 0], [2, 3, 0, 0]]
    assert tokens.x_val.shape == (0, 4)


def test_vectorising_takes_seconds_and_not_minutes(sentences: list[str]) -> None:
    started = time.process_time()
    text.vectorise(sentences * 3, [], text.words, vocabulary_size=10_000, sequence_length=250)
    assert time.process_time() - started < 5
