"""Reports that the exporters are tested on: of real files, and with all that is hostile in names and texts."""

from __future__ import annotations

from logitbench.checks.engine import Settings, check
from logitbench.checks.records import Finding, Place, Report, Severity, Unparsable
from tests.checks.fixtures import of_kind

PATH = "a,b:c 100%/ü\n::error::x\r]]>&\x1b[31m\udce9.py"
TEXT = "it's <wrong>: 100% of\nlogits, ]]> ::stop-commands::x\r\x00\x1b[31m\ud800 see layers[0](x) \N{ROCKET}"


def of_fixtures() -> Report:
    """What is found in the hits of every rule."""
    return check([str(path) for path in of_kind("hits")], Settings(severity=Severity.NOTE, show_unknown=True))


def hostile() -> Report:
    """Names and texts that a format might take for its own signs."""
    place = Place(3, TEXT, None)
    return Report(
        (
            Finding("LB101", Severity.ERROR, PATH, 4, 2, 4, 5, TEXT, TEXT, TEXT, None, place),
            Finding("LB000", Severity.UNKNOWN, PATH, 9, 1, 9, 2, TEXT),
        ),
        (Unparsable(PATH, TEXT),),
        (PATH,),
    )


def in_a_notebook() -> Report:
    """A finding in a cell, with its head in another."""
    head = Place(3, "model.add(keras.layers.Dense(1))", 3)
    finding = Finding("LB101", Severity.ERROR, "a.ipynb", 2, 5, 2, 9, "wrong", "right", "    loss", 4, head)
    return Report((finding,), (Unparsable("a.ipynb", "line 1: invalid syntax", 1),), ("a.ipynb",))


def in_models() -> Report:
    """Findings in a saved model and in one that a module makes: neither has lines."""
    head = Place(1, "layer 'scores'", None)
    saved = Finding("LB101", Severity.ERROR, "a.keras", 1, 1, 1, 1, "wrong", "right", head=head, part="output 'spam'")
    other = Finding("LB101", Severity.ERROR, "a.keras", 1, 1, 1, 1, "wrong", "right", head=head, part="output 'ham'")
    made = Finding("LB102", Severity.WARNING, "nets.small:build", 1, 1, 1, 1, "twice", part="model")
    return Report((saved, other, made), (), ("a.keras",), ("nets.small:build",))
