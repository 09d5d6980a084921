r"""Tables for a paper: LaTeX for ``\usepackage{booktabs}``, nothing but ASCII."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from logitbench.compare.comparison import Cell, Comparison
from logitbench.compare.overview import Overall
from logitbench.compare.statistics import Paired
from logitbench.compare.verdict import Verdict
from logitbench.report import figures

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


ARMS_AT_A_TIME, PAIRS_AT_A_TIME = 3, 2
"""As many columns of figures fit the width of a page; more arms, or pairs of them, stand in a table below."""


def render_comparisons(records: Sequence[Comparison], groups: Sequence[Overall] = ()) -> str:
    r"""Return a table for each comparison, then what holds over them; the preamble needs ``\usepackage{booktabs}``."""
    lines = [line for record in records for line in _lines(record)]
    if records:
        lines += [rf"{escaped(sentence)}\par" for sentence in figures.over_experiments(groups, records[0].declared)]
    return "\n".join(lines) + "\n"


def _lines(record: Comparison) -> Iterator[str]:
    yield "% Needs \\usepackage{booktabs} in the preamble."
    heading = rf"{escaped(figures.heading(record))}. {escaped(figures.setting(record))}."
    for first in range(0, len(record.arms), ARMS_AT_A_TIME):
        yield r"\begin{table}"
        yield r"\centering\footnotesize\setlength{\tabcolsep}{3pt}"
        yield rf"\caption{{{heading}{' Continued.' if first else ''}}}"
        yield from _tabular(record, record.arms[first : first + ARMS_AT_A_TIME])
        if first + ARMS_AT_A_TIME >= len(record.arms):
            yield from _differences(record)
            yield from _notes(record)
        yield r"\end{table}"
        yield ""


def _notes(record: Comparison) -> Iterator[str]:
    yield r"\medskip"
    yield r"\begin{minipage}{\linewidth}\footnotesize\raggedright"
    if len(figures.epochs_shown(record)) < len(record.epochs):
        yield rf"{len(figures.epochs_shown(record))} of {len(record.epochs)} epochs are shown.\par"
    if any(pair.verdict is not Verdict.IDENTICAL for pair in record.pairs):
        yield rf"{escaped(figures.OF_DIFFERENCES)}\par"
    for note in figures.notes(record):
        yield rf"{_sentence(note) if note in record.findings else escaped(note)}\par"
    yield r"\end{minipage}"


def _tabular(record: Comparison, arms: Sequence[str]) -> Iterator[str]:
    yield rf"\begin{{tabular}}{{lr{'r' * len(arms)}}}"
    yield r"\toprule"
    yield _row("metric", "epoch", *map(escaped, arms))
    yield _row("loss path", "", *(escaped("/".join(record.loss_paths[arm])) for arm in arms))
    for metric in record.metrics:
        yield r"\midrule"
        for place, epoch in enumerate(figures.epochs_shown(record)):
            cells = (cell(record.cells[metric, epoch, arm]) for arm in arms)
            yield _row("" if place else escaped(metric), str(epoch), *cells)
    yield r"\bottomrule"
    yield r"\end{tabular}"
    yield ""


def _differences(record: Comparison) -> Iterator[str]:
    """Yield a table of the paired differences, but of arms that are identical."""
    pairs = [pair for pair in record.pairs if pair.verdict is not Verdict.IDENTICAL]
    for first in range(0, len(pairs), PAIRS_AT_A_TIME):
        shown = pairs[first : first + PAIRS_AT_A_TIME]
        yield r"\medskip"
        yield rf"\begin{{tabular}}{{lr{'r' * len(shown)}}}"
        yield r"\toprule"
        yield _row("paired by seed", "epoch", *(escaped(f"{pair.arm} minus {pair.baseline}") for pair in shown))
        for metric in record.metrics:
            yield r"\midrule"
            for place, epoch in enumerate(figures.epochs_shown(record)):
                cells = (_difference(pair.differences[metric, epoch]) for pair in shown)
                yield _row("" if place else escaped(metric), str(epoch), *cells)
        yield r"\bottomrule"
        yield r"\end{tabular}"
        yield ""


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
    return "".join(rf"\texttt{{{escaped(part)}}}" if number % 2 else escaped(part) for number, part in enumerate(parts))


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
