r"""Tables for a paper: LaTeX for ``\usepackage{booktabs}``, nothing but ASCII."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence

from logitbench.compare.comparison import ArmPair, Cell, Comparison
from logitbench.compare.overview import Overall
from logitbench.compare.statistics import Paired
from logitbench.report import figures, sentences

ESCAPES = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"{\char34}",  # \textquotedbl is not in every font
    "`": r"{\char96}",
    "±": r"$\pm$",
    "\N{MULTIPLICATION SIGN}": r"$\times$",
    "\N{MINUS SIGN}": "$-$",
}
"""What LaTeX would act on, and the signs of the field."""


ARMS_AT_A_TIME, CHARACTERS = 3, 60
"""As many arms, or characters of differences, fit the width of a page; what is more stands in a table below."""


ROWS, FEWEST_EPOCHS = 36, 2
"""A table of more rows is longer than a page; of each metric it has so many epochs at least."""


def render_comparisons(records: Sequence[Comparison], groups: Sequence[Overall] = ()) -> str:
    r"""Return a table for each comparison, then what holds over them; the preamble needs ``\usepackage{booktabs}``."""
    lines = [line for record in records for line in _lines(record)]
    if records:
        lines += [rf"{escaped(sentence)}\par" for sentence in sentences.over_experiments(groups, records[0].declared)]
    return "\n".join(lines) + "\n"


def _lines(record: Comparison) -> Iterator[str]:
    yield "% Needs \\usepackage{booktabs} in the preamble."
    heading = rf"{escaped(figures.heading(record))}. {escaped(figures.setting(record))}."
    epochs = figures.epochs_shown(record, max(FEWEST_EPOCHS, ROWS // len(record.metrics)))
    thinned = f" {len(epochs)} of {len(record.epochs)} epochs." if len(epochs) < len(record.epochs) else ""
    for first in range(0, len(record.arms), ARMS_AT_A_TIME):
        arms = record.arms[first : first + ARMS_AT_A_TIME]
        yield from _table(f"{heading}{' Continued.' if first else thinned}", _figures(record, arms, epochs))
    for shown in _fitting(record, epochs):
        caption = f"{escaped(record.name)}. {escaped(figures.OF_DIFFERENCES)}{thinned}"
        yield from _table(caption, _differences(record, shown, epochs))
    yield from _notes(record)


def _fitting(record: Comparison, epochs: Sequence[int]) -> Iterator[list[ArmPair]]:
    """Yield as many pairs that differ at a time as fit the width of a page, and one at least."""
    shown: list[ArmPair] = []
    left = CHARACTERS
    for pair in record.different:
        cells = (figures.difference(pair.differences[metric, epoch]) for metric in record.metrics for epoch in epochs)
        width = max(len(_powers(cell)) for cell in cells)
        if shown and width > left:
            yield shown
            shown, left = [], CHARACTERS
        shown.append(pair)
        left -= width
    if shown:
        yield shown


def _table(caption: str, tabular: Iterator[str]) -> Iterator[str]:
    yield r"\begin{table}"
    yield r"\centering\footnotesize\setlength{\tabcolsep}{3pt}"
    yield rf"\caption{{{caption}}}"
    yield from tabular
    yield r"\end{table}"
    yield ""


def _notes(record: Comparison) -> Iterator[str]:
    yield r"{\raggedright"
    for note in sentences.notes(record):
        yield rf"{_sentence(note) if note in record.findings else escaped(note)}\par"
    yield "}"
    yield ""


def _tabular(
    heads: Sequence[Sequence[str]],
    metrics: Sequence[str],
    epochs: Sequence[int],
    cells: Callable[[str, int], list[str]],
) -> Iterator[str]:
    """Yield a block of rows for each metric, under rows of headings."""
    yield rf"\begin{{tabular}}{{lr{'r' * (len(heads[0]) - 2)}}}"
    yield r"\toprule"
    yield from (_row(*head) for head in heads)
    for metric in metrics:
        yield r"\midrule"
        for place, epoch in enumerate(epochs):
            yield _row("" if place else escaped(metric), str(epoch), *cells(metric, epoch))
    yield r"\bottomrule"
    yield r"\end{tabular}"


def _figures(record: Comparison, arms: Sequence[str], epochs: Sequence[int]) -> Iterator[str]:
    heads = (
        ("metric", "epoch", *map(escaped, arms)),
        ("loss path", "", *(escaped("/".join(record.loss_paths[arm])) for arm in arms)),
    )
    return _tabular(
        heads, record.metrics, epochs, lambda metric, epoch: [cell(record.cells[metric, epoch, arm]) for arm in arms]
    )


def _differences(record: Comparison, pairs: Sequence[ArmPair], epochs: Sequence[int]) -> Iterator[str]:
    head = ("paired by seed", "epoch", *(escaped(f"{pair.arm} minus {pair.baseline}") for pair in pairs))
    return _tabular(
        [head],
        record.metrics,
        epochs,
        lambda metric, epoch: [_difference(pair.differences[metric, epoch]) for pair in pairs],
    )


def _row(*cells: str) -> str:
    return " & ".join(cells) + r" \\"


def cell(figure: Cell) -> str:
    r"""Write a cell as ``figures.cell`` does: ``$0.7371 \pm 0.0042$``."""
    if figure.mean is None:
        return escaped(figures.cell(figure))
    numbers, bracket, diverged = figures.cell(figure).partition(" (")
    return f"${_powers(numbers.replace('±', chr(92) + 'pm'))}$" + escaped(bracket + diverged)


def _difference(sample: Paired) -> str:
    return _powers(escaped(figures.difference(sample)), around="$")


def _powers(numbers: str, around: str = "") -> str:
    r"""Write ``1.5e-05`` as ``1.5 \times 10^{-5}``."""
    return re.sub(r"(?<=\d)e([+-]\d+)", lambda found: rf"{around} \times 10^{{{int(found[1])}}}{around}", numbers)


def _sentence(finding: str) -> str:
    """Escape a finding, and set the code that it has between backticks as code."""
    parts = finding.split("`")
    return "".join(_code(part) if number % 2 else escaped(part) for number, part in enumerate(parts))


def _code(text: str) -> str:
    """Set code, which may be broken after what stands between its names."""
    breakable = re.sub(r"(?<=[.(,=])", r"\\allowbreak{}", escaped(text))
    return rf"\texttt{{{breakable}}}"


def escaped(text: str) -> str:
    """Keep text from being read as LaTeX; a letter with an accent loses it, another foreign one becomes its number."""
    plain = "".join(map(_escaped, re.sub(r"\s+", " ", text)))
    return re.sub(r"([-'])(?=\1)", r"\1{}", plain)  # two of them would become one sign


def _escaped(character: str) -> str:
    if character in ESCAPES:
        return ESCAPES[character]
    if " " <= character <= "\x7e":
        return character
    plain = unicodedata.normalize("NFKD", character)[0]
    return plain if plain.isascii() and plain.isalnum() else f"U+{ord(character):04X}"
