"""Texts into token numbers, equal to Keras's TextVectorization but without importing TensorFlow."""

import string
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Annotated, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

PADDING = 0
UNKNOWN = 1
_FIRST_TOKEN = 2

VocabularySize = Annotated[int, Field(ge=_FIRST_TOKEN + 1, le=2**31 - 1)]
"""The most token numbers there may be, padding and unknown included."""

SequenceLength = Annotated[int, Field(ge=1, le=1_000_000)]
"""Tokens per example: longer texts lose their end, shorter ones are padded at the end."""

Token = TypeVar("Token", str, bytes)

_PUNCTUATION = string.punctuation.encode()

BOUNDARY = "\N{MIDDLE DOT}"
"""Marks where a name begins and ends, so that ``·la`` and ``la·`` are tokens of their own."""


@dataclass(frozen=True)
class Tokens:
    """Training and validation texts as token numbers.

    Args:
        x_train: [texts, sequence length], int32.
        x_val: As ``x_train``.
        vocabulary_size: Number of token numbers in use, padding and unknown included.
    """

    x_train: NDArray[np.int32]
    x_val: NDArray[np.int32]
    vocabulary_size: int


def words(text: str) -> list[bytes]:
    """Standardise and split a text as TensorFlow's text classification tutorial does.

    ``tf.strings.lower`` and ``tf.strings.split`` know ASCII only, and so do the methods of ``bytes``: other
    letters keep their case, and a no-break space separates nothing.
    """
    raw = text.encode("utf-8", "surrogatepass").lower().replace(b"<br />", b" ")
    return raw.translate(None, _PUNCTUATION).split()


def ngrams(text: str, n: int) -> list[str]:
    """Return the lower-cased text's runs of ``n`` characters, ends marked; a shorter text is one token."""
    marked = f"{BOUNDARY}{text.lower()}{BOUNDARY}"
    return [marked[start : start + n] for start in range(max(1, len(marked) - n + 1))]


def vocabulary(documents: Iterable[Sequence[Token]], size: int) -> dict[Token, int]:
    """Number the most frequent tokens, from 2.

    Args:
        documents: The tokens of each training text.
        size: The most token numbers, padding and unknown included.

    Returns:
        At most ``size - 2`` tokens in the order of their numbers. Equally frequent ones stand in descending
        order, as in Keras, whose ``IndexLookup.finalize_state`` reverses ``np.lexsort((tokens, counts))``.
    """
    counts = Counter(chain.from_iterable(documents))
    ranked = sorted(counts.items(), key=lambda item: (item[1], item[0]), reverse=True)
    kept = (token for token, _ in ranked[: size - _FIRST_TOKEN])
    return {token: number for number, token in enumerate(kept, start=_FIRST_TOKEN)}


def encode(
    documents: Iterable[Sequence[Token]], numbers: dict[Token, int], shape: tuple[int, int]
) -> NDArray[np.int32]:
    """Return the token numbers of each document.

    Args:
        documents: The tokens of each text.
        numbers: The vocabulary.
        shape: [texts, sequence length] of the result.
    """
    encoded = np.full(shape, PADDING, np.int32)
    number_of = numbers.get
    for row, tokens in zip(encoded, documents, strict=True):
        kept = [number_of(token, UNKNOWN) for token in tokens[: shape[1]]]
        row[: len(kept)] = kept
    return encoded


def vectorise(
    train: Sequence[str],
    val: Sequence[str],
    tokenise: Callable[[str], Sequence[Token]],
    *,
    vocabulary_size: int,
    sequence_length: int,
) -> Tokens:
    """Learn the vocabulary of the training texts and encode all texts with it.

    The texts are tokenised twice: it costs less than holding the tokens of 25,000 reviews in memory.

    Args:
        train: Training texts.
        val: Validation texts; what only they hold becomes unknown.
        tokenise: Text to tokens.
        vocabulary_size: The most token numbers, padding and unknown included.
        sequence_length: Tokens per text.
    """
    numbers = vocabulary(map(tokenise, train), vocabulary_size)
    return Tokens(
        encode(map(tokenise, train), numbers, (len(train), sequence_length)),
        encode(map(tokenise, val), numbers, (len(val), sequence_length)),
        len(numbers) + _FIRST_TOKEN,
    )
