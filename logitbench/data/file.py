"""The user's own file: a text column or numeric columns, and a label."""

import hashlib
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, Field, model_validator

from logitbench.data import columns, paths, readers
from logitbench.data import text as texts
from logitbench.data.choice import Chosen, choose
from logitbench.data.dataset import Dataset, Notify, Source
from logitbench.data.decoding import require_encoding
from logitbench.data.features import as_float32, standardise
from logitbench.data.separated import Wanted
from logitbench.data.split import SplitSeed, ValidationSplit, stratified
from logitbench.errors import DataError, UsageError

if TYPE_CHECKING:
    import pandas as pd


class File(Source):
    """``source = "file"``: a CSV, TSV, JSON lines (.jsonl, .ndjson, .json) or Parquet file.

    In the text and in the label column only an empty field is missing: "NA" and "null" are texts like others. In a
    numeric column they are missing numbers, and so is NaN. Rows that miss a value are left out and counted.
    """

    path: str | None = None
    text: str | None = None
    """The text column. Without it and ``features``: the column ``text``, or else every numeric column."""
    features: Annotated[tuple[str, ...], Field(min_length=1)] | None = None
    """The numeric columns."""
    label: str = "label"
    """The column of classes: numbers, true and false, or text."""
    encoding: Annotated[str, AfterValidator(require_encoding)] = "utf-8"
    """Of a CSV, TSV or JSON lines file: any name that Python knows."""
    decimal: Literal[".", ","] = "."
    """What stands before the fraction of a number in a CSV or TSV file."""
    vocabulary_size: texts.VocabularySize = 10_000
    sequence_length: texts.SequenceLength = 250
    standardise: bool = True
    """Whether each numeric column gets mean 0 and standard deviation 1, by the training rows."""
    validation_split: ValidationSplit = 0.2
    split_seed: SplitSeed = 42

    @model_validator(mode="after")
    def _columns_agree(self) -> Self:
        if self.text is not None and self.features is not None:
            raise UsageError("data.text and data.features are both given", "Give one of them.")
        taken = (self.text,) if self.features is None else self.features
        if self.label in taken:
            raise UsageError(
                f"the label column {self.label!r} is also named as an input",
                "The network would be told the answer; name the label's column with data.label.",
            )
        if len(set(taken)) < len(taken):
            raise UsageError("data.features names a column twice", "Name each column once.")
        return self

    @model_validator(mode="after")
    def _ending_has_the_options(self) -> Self:
        for option in ("encoding", "decimal"):
            given = getattr(self, option)
            if (
                self.path
                and given != type(self).model_fields[option].default
                and not readers.uses(Path(self.path), option)
            ):
                endings = ", ".join(ending for ending, reading in readers.READERS.items() if option in reading.options)
                raise UsageError(
                    f"data.{option} is {given!r}, which a {Path(self.path).suffix} file does not use",
                    f"Leave out data.{option}: only {endings} files use it.",
                )
        return self

    def content_digest(self, notify: Notify) -> str:  # noqa: ARG002
        """Return the SHA-256 of the file, its ending and the version of pandas.

        Raises:
            UsageError: No file is named.
            DataError: The file cannot be read.
        """
        place = self._place()
        sha = hashlib.sha256(f"{place.suffix.lower()} pandas {version('pandas')} ".encode())
        try:
            with place.open("rb") as file:
                sha.update(hashlib.file_digest(file, "sha256").digest())
        except OSError as error:
            raise readers.unreadable(place, error) from error
        return sha.hexdigest()

    def load(self, notify: Notify) -> Dataset:
        """Read the file, choose columns and rows, split and vectorise.

        Raises:
            UsageError: No file, or a column that is not there, is named.
            DataError: The file cannot be read, or its content is not usable; the message says where.
        """
        place = self._place()
        notify(f"Reading {place} ...")
        frame, dialect = readers.read(place, self._wanted())
        separated = readers.uses(place, "decimal")
        chosen = choose(frame, self.text, self.features, self.label, separated=separated)
        labels, missing = columns.labels(frame[self.label])
        inputs, no_input = _inputs(frame, chosen, separated)
        kept, left_out = columns.complete(missing | no_input)
        classes, y, doubts = columns.classes([labels[row] for row in kept], self.label)
        train, val = stratified(y, self.validation_split, self.split_seed)
        x_train, x_val, vocabulary_size = self._vectorised(inputs, kept[train], kept[val], chosen)
        notes = dialect + chosen.notes + left_out + doubts
        return Dataset(x_train, y[train], x_val, y[val], classes, vocabulary_size, notes)

    def _place(self) -> Path:
        if not self.path:
            raise UsageError(
                "say which file: --data PATH", f"Its ending says what it is: {', '.join(readers.READERS)}."
            )
        return paths.expanded(self.path)

    def _wanted(self) -> Wanted:
        text = self.text or (None if self.features else "text")
        return Wanted(
            exact={self.label} | ({text} if text else set()),
            expected={self.label, *([self.text] if self.text else self.features or ())},
            encoding=self.encoding,
            decimal=self.decimal,
        )

    def _vectorised(
        self, inputs: Any, train: NDArray[np.intp], val: NDArray[np.intp], chosen: Chosen
    ) -> tuple[NDArray[Any], NDArray[Any], int | None]:
        if chosen.text is None:
            x_train, x_val = inputs[train], inputs[val]
            if self.standardise:
                x_train, x_val = standardise(x_train, x_val)
            return as_float32(x_train, chosen.features), as_float32(x_val, chosen.features), None
        tokens = texts.vectorise(
            [inputs[row] for row in train],
            [inputs[row] for row in val],
            texts.words,
            vocabulary_size=self.vocabulary_size,
            sequence_length=self.sequence_length,
        )
        if not tokens.x_train.any():
            raise DataError(
                f"the column {chosen.text!r} holds no words",
                "Name the text column with --set data.text=NAME.",
            )
        return tokens.x_train, tokens.x_val, tokens.vocabulary_size


def _inputs(frame: "pd.DataFrame", chosen: Chosen, separated: bool) -> tuple[Any, NDArray[np.bool_]]:
    """Return the texts (a list) or the numbers (an array), and which rows miss one."""
    if chosen.text is not None:
        return columns.texts(frame[chosen.text])
    return columns.numbers(frame, chosen.features, separated=separated)
