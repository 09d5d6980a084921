"""Names of Unicode's CLDR character by character: after these few characters, which one is next?"""

from collections.abc import Iterator, Sequence
from typing import Annotated, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from logitbench.data import text
from logitbench.data.cldr import LANGUAGE_CLASSES, concept_position, names_digest, names_in
from logitbench.data.dataset import Dataset, Notify, Source
from logitbench.data.split import ValidationSplit
from logitbench.errors import DataError, UsageError, did_you_mean

START = "\n"
"""Stands before a name's first character in its contexts; no name holds one."""

END = "end"
"""The class that follows a name's last character; longer than a character, so it is none."""


class Characters(Source):
    """``source = "cldr-characters"``: an example is the end of what is written so far, its class what comes next.

    The tokens of an example are its last character, its last two, and so on: an average of their embeddings knows the
    order. Whole names are for training or for validation.
    """

    language: str = "en"
    context: Annotated[int, Field(ge=1, le=64)] = 4
    """How many characters back an example goes."""
    vocabulary_size: text.VocabularySize = 10_000
    validation_split: ValidationSplit = 0.2
    """Share of the names, and so about the share of the characters, kept for validation."""

    @model_validator(mode="after")
    def _language_is_known(self) -> Self:
        if self.language not in LANGUAGE_CLASSES:
            raise UsageError(
                f"data.language should be a language of Latin script, got {self.language!r}",
                did_you_mean(self.language, LANGUAGE_CLASSES),
            )
        return self

    def content_digest(self, notify: Notify) -> str:  # noqa: ARG002
        """Return a digest of the names' file; the language is a key."""
        return names_digest()

    def load(self, notify: Notify) -> Dataset:  # noqa: ARG002
        """Read the names, split them, and take them apart.

        Raises:
            DataError: The split leaves one side empty.
        """
        names = self._names()
        # By the text: "Latin" is a language's and a script's name, and would be on both sides if split by concept.
        held = [name for name in names if concept_position("name", name) < self.validation_split]
        train, val = list(self._examples(sorted(names - set(held)))), list(self._examples(sorted(held)))
        if not train or not val:
            raise DataError(
                f"validation_split = {self.validation_split} leaves no names on one side",
                "Take one between 0.01 and 0.99.",
            )
        classes = (END, *sorted({label for _, label in train} - {END}))
        known = [(context, label) for context, label in val if label in classes]
        tokens = text.vectorise(
            [context for context, _ in train],
            [context for context, _ in known],
            endings,
            vocabulary_size=self.vocabulary_size,
            sequence_length=self.context,
        )
        left_out = len(val) - len(known)
        return Dataset(
            tokens.x_train,
            _numbers(train, classes),
            tokens.x_val,
            _numbers(known, classes),
            classes=tuple("space" if label == " " else label for label in classes),
            vocabulary_size=tokens.vocabulary_size,
            notes=(f"{left_out} validation examples left out: no training name has their character.",)
            if left_out
            else (),
        )

    def _names(self) -> set[str]:
        return {name.lower() for name in names_in(self.language).values()}

    def _examples(self, names: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Yield each place of each name: at most ``context`` characters before it, and the one that stands there."""
        for name in names:
            for place, label in enumerate((*name, END)):
                yield f"{START}{name[:place]}"[-self.context :], label


def endings(context: str) -> list[str]:
    """Return the last character, the last two, and so on to the whole context."""
    return [context[-length:] for length in range(1, len(context) + 1)]


def _numbers(examples: Sequence[tuple[str, str]], classes: Sequence[str]) -> NDArray[np.int32]:
    number_of = {name: number for number, name in enumerate(classes)}
    return np.array([number_of[label] for _, label in examples], np.int32)
