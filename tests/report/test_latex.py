from __future__ import annotations

import dataclasses
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from logitbench import store
from logitbench.compare.comparing import compare
from logitbench.compare.comparison import Cell, Comparison
from logitbench.report import figures, sentences
from logitbench.report.latex import ARMS_AT_A_TIME, ESCAPES, ROWS, cell, escaped, render_comparisons
from tests.handmade import ASSETS, epoch, trials
from tests.report.conftest import Hostile

PDFLATEX = shutil.which("pdflatex")

HOSTILE = {
    "command": r"\input{/etc/passwd}",
    "column": "a & b",
    "row": r"a \\ b",
    "comment": "a % b",
    "maths": "$x^2_3$",
    "braces": "}{",
    "argument": "#1",
    "active": "~^\"'`",
    "file": r"\write18{touch x}",
    "paragraph": "a\n\nb",
    "control": "\x1b[31m\x00",
    "foreign": "Gr\u00f6\u00dfe \u4e2d \U0001f600 \u202e",
}


@pytest.fixture
def real() -> list[Comparison]:
    return compare(store.read([ASSETS]).trials, metrics=["loss", "val_accuracy"])


def compiled(records: Sequence[Comparison], folder: Path) -> str:
    """Typeset tables, nothing but booktabs in the preamble, and return what LaTeX says."""
    (folder / "table.tex").write_text(
        "\\documentclass{article}\\usepackage{booktabs}\\begin{document}\n"
        + render_comparisons(records)
        + "\\end{document}\n",
        encoding="ascii",
    )
    command = ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", "-no-shell-escape", "table.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout.decode(errors="replace")
    return done.stdout.decode(errors="replace")


def rows(text: str) -> list[list[str]]:
    return [re.split(r"(?<!\\) & ", line.removesuffix(r" \\")) for line in text.splitlines() if line.endswith(r" \\")]


def test_a_cell_is_mean_and_spread_in_maths(real: list[Comparison]) -> None:
    cell = figures.cell(real[0].cells["loss", 1, "logits"])
    assert f" & ${cell.replace('±', chr(92) + 'pm')}$ & " in render_comparisons(real)


def test_small_numbers_have_a_power_of_ten() -> None:
    assert cell(Cell(0.00001, None, 1, 0)) == r"$1.0000 \times 10^{-5}$"
    assert cell(Cell(12345.0, 1.0, 2, 1)) == r"$1.2345 \times 10^{4} \pm 1.0000 \times 10^{0}$ (1 diverged)"


def test_every_figure_stands_in_a_table(real: list[Comparison]) -> None:
    for record in real:
        written = [cell for row in rows(render_comparisons([record])) for cell in row[2:] if cell.startswith("$")]
        assert sorted(written) == sorted(
            f"${figures.cell(cell).replace('±', chr(92) + 'pm')}$" for cell in record.cells.values()
        )


def test_every_row_is_as_wide_as_its_table_which_has_no_more_arms_than_a_page(real: list[Comparison]) -> None:
    for table in re.findall(r"\\begin\{tabular\}.*?\\end\{tabular\}", render_comparisons(real), re.DOTALL):
        columns = re.match(r"\\begin\{tabular\}\{(\w+)\}", table)
        assert columns is not None
        assert len(columns[1]) <= 2 + ARMS_AT_A_TIME
        assert {len(row) for row in rows(table)} == {len(columns[1])}


def test_many_epochs_are_thinned_as_in_the_terminal(real: list[Comparison], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "EPOCHS_SHOWN", 2)
    assert [row[1] for row in rows(render_comparisons(real[1:])) if row[1].isdigit()] == ["1", "3"] * 2


def test_verdicts_and_findings_stand_below_the_table(real: list[Comparison]) -> None:
    text = render_comparisons(real)
    for record in real:
        for pair in record.pairs:
            assert escaped(sentences.verdict(pair, record.declared)) + r"\par" in text
    assert r"\texttt{from\_logits=\allowbreak{}True}" in text


def test_tables_are_no_longer_than_a_page_and_no_wider(tmp_path: Path) -> None:
    arms = ("logits", "double", "raw")
    by_seed = [
        [
            epoch(arm, number, val_nll=1 + place * (1 + seed / 10), dead_fraction=0.5)
            for number in range(1, 31)
            for place, arm in enumerate(arms)
        ]
        for seed in range(6)
    ]
    (long,) = compare(trials(tmp_path, by_seed))
    tables = re.findall(r"\\begin\{table\}.*?\\end\{table\}", render_comparisons([long]), re.DOTALL)

    assert len(long.metrics) == 7
    assert len(tables) == 3  # the arms, then an arm a table: its difference has an interval and p
    for table, heads in zip(tables, (2, 1, 1), strict=True):
        assert len(rows(table)) == heads + 7 * (ROWS // 7)
        assert [row[1] for row in rows(table)[heads:][: ROWS // 7]] == ["1", "8", "15", "23", "30"]
        assert "5 of 30 epochs." in table

    tilde = {key: dataclasses.replace(one, p=0.5) for key, one in long.pairs[0].differences.items()}
    narrow = dataclasses.replace(long, pairs=tuple(dataclasses.replace(pair, differences=tilde) for pair in long.pairs))
    apart = re.findall(r"paired by seed & epoch & (.*?) \\\\", render_comparisons([long]))
    assert apart == ["double minus logits", "raw minus logits"]
    together = re.findall(r"paired by seed & epoch & (.*?) \\\\", render_comparisons([narrow]))
    assert together == ["double minus logits & raw minus logits"]


def test_what_diverged_is_shown_and_counted(awkward: list[Comparison]) -> None:
    text = render_comparisons(awkward)
    assert (
        r"$2.0000 \times 10^{-5} \pm 1.4142 \times 10^{-5}$ & $1.2346 \times 10^{4}$ (1 diverged) & diverged (2) \\"
        in text
    )


@pytest.mark.parametrize("character", ESCAPES)
def test_no_special_character_is_left_as_it_is(character: str) -> None:
    assert escaped(f"a{character}b") == f"a{ESCAPES[character]}b"
    assert escaped(character).isascii()


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_name_changes_nothing_around_it(hostile: Hostile, text: str) -> None:
    found, harmless = render_comparisons(hostile(text)), render_comparisons(hostile("harmless"))
    assert found.isascii()
    assert [line[:7] for line in found.splitlines() if line.startswith("\\")] == [
        line[:7] for line in harmless.splitlines() if line.startswith("\\")
    ]
    assert len(found.splitlines()) == len(harmless.splitlines())
    assert [len(row) for row in rows(found)] == [len(row) for row in rows(harmless)]


def test_two_signs_do_not_become_one() -> None:
    assert escaped("a--b ''c''") == "a-{}-b '{}'c'{}'"


@pytest.mark.skipif(PDFLATEX is None, reason="there is no pdflatex: apt-get install texlive-latex-recommended")
def test_real_tables_are_typeset_within_the_page(real: list[Comparison], tmp_path: Path) -> None:
    everything = compare(store.read([ASSETS]).trials)
    assert "Overfull" not in compiled([*real, *everything], tmp_path)


@pytest.mark.skipif(PDFLATEX is None, reason="there is no pdflatex: apt-get install texlive-latex-recommended")
def test_hostile_and_diverged_tables_are_typeset(hostile: Hostile, awkward: list[Comparison], tmp_path: Path) -> None:
    compiled([*awkward, *hostile(" ".join(HOSTILE.values()))], tmp_path)
