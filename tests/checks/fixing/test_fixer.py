"""What is fixed, what is left, and why."""

from __future__ import annotations

import ast
import difflib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from logitbench.checks.engine import Settings, check_source
from logitbench.checks.fix import Edit, Fix, PutNumber, SetKeyword
from logitbench.checks.fixing.fixer import fix_source
from logitbench.checks.interpret.events import Event, Pair
from logitbench.checks.reading import source_of
from logitbench.checks.records import Severity
from logitbench.checks.registry import chosen
from logitbench.checks.rule import Problem, Rule
from tests.checks import fixtures
from tests.checks.fixing.programs import SETTINGS, fixed, fixed_file

FIXABLE = {"LB101", "LB102", "LB201", "LB202", "LB401"}
LEFT = {
    "LB101/hits/ways_to_write_it.py": 6,
    "LB201/hits/metrics.py": 3,
    "LB202/hits/metrics.py": 1,
    "LB401/hits/issue_69678_tutorial.py": 1,
    "LB401/hits/predictions.py": 2,
    "LB401/hits/served.py": 3,
}
"""Findings of rules with fixes that have none: another activation than none, softmaxes of several units, F scores,
losses that are asked for by a name or through a dictionary, rounding, what is served."""


@pytest.mark.parametrize("path", fixtures.of_kind("hits"), ids=fixtures.name)
@pytest.mark.parametrize("unsafe", [False, True], ids=["safe", "unsafe"])
def test_of_each_fixture_what_has_a_fix_is_gone_and_only_its_lines_have_changed(path: Path, unsafe: bool) -> None:
    before = check_source(source_of(str(path), path.read_bytes()), SETTINGS)
    done = fixed_file(path.read_bytes(), unsafe)
    ast.parse(done.after)
    counts, after = (Counter(one.code for one in found) for found in (before, done.findings))
    assert not {code for code in after - counts if code != "LB302"}  # whose logits are lost either way
    if unsafe:
        assert sum(after[code] for code in FIXABLE) == LEFT.get(fixtures.name(path), 0)
    old, new = (text.decode().splitlines() for text in (done.before, done.after))
    for line in difflib.ndiff(old, new):
        if line.startswith("- "):
            assert (
                "# LB" in line
                or "loss_fn = " in line
                or "self.loss = " in line
                or "partial(" in line
                or "focal = " in line
            )
        elif line.startswith("+ "):
            assert "# LB" in line or "logits" in line or "partial(" in line or " import " in line or "focal = " in line


@pytest.mark.parametrize("path", [*fixtures.of_kind("lookalikes"), *fixtures.of_kind("misses")], ids=fixtures.name)
def test_what_is_not_found_is_not_touched(path: Path) -> None:
    done = fixed_file(path.read_bytes())
    assert (done.after, done.fixed, done.left) == (done.before, 0, ())


MODEL = "import keras\nmodel = keras.Sequential([keras.layers.Dense(1)])\n"
LOGITS = "loss=keras.losses.BinaryCrossentropy(from_logits=True)"


def compiled(metrics: str) -> str:
    return f"{MODEL}model.compile({LOGITS}, metrics=[{metrics}])\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("'accuracy'", 'keras.metrics.BinaryAccuracy(threshold=0.0, name="accuracy")'),
        ("'binary_accuracy'", 'keras.metrics.BinaryAccuracy(threshold=0.0, name="binary_accuracy")'),
        ("'Precision'", 'keras.metrics.Precision(thresholds=0.0, name="Precision")'),
        ("keras.metrics.binary_accuracy", "keras.metrics.BinaryAccuracy(threshold=0.0)"),
        ("keras.metrics.Recall(class_id=0)", "keras.metrics.Recall(class_id=0, thresholds=0.0)"),
        ("keras.metrics.BinaryAccuracy('a', None, 0.5)", "keras.metrics.BinaryAccuracy('a', None, 0.0)"),
        ("keras.metrics.BinaryIoU([0], 0.5)", "keras.metrics.BinaryIoU([0], 0.0)"),
        ("keras.metrics.TruePositives([0.5])", "keras.metrics.TruePositives(0.0)"),
        ("keras.metrics.AUC(num_thresholds=9)", "keras.metrics.AUC(num_thresholds=9, from_logits=True)"),
        ("'bce'", 'keras.metrics.BinaryCrossentropy(from_logits=True, name="bce")'),
    ],
)
def test_a_metric_is_set_for_logits_and_keeps_its_name(before: str, after: str) -> None:
    assert fixed(compiled(before), unsafe=False) == compiled(after)


@pytest.mark.parametrize(
    "metric", ["keras.metrics.F1Score()", "keras.metrics.Precision(**k)", "keras.metrics.Recall(0.3)"]
)
def test_a_metric_that_has_no_one_answer_is_left(metric: str) -> None:
    assert fixed(compiled(metric)) == compiled(metric)


def test_a_metric_that_is_made_elsewhere_is_a_choice() -> None:
    text = f"{MODEL}precision = keras.metrics.Precision()\nmodel.compile({LOGITS}, metrics=[precision])\n"
    done = fixed_file(text, unsafe=False)
    assert (done.after, done.fixed, done.unsafe) == (done.before, 0, 1)
    assert fixed(text) == text.replace("Precision()", "Precision(thresholds=0.0)")


def test_a_loss_is_a_choice_and_its_metrics_and_cuts_follow_it() -> None:
    text = (
        f"{MODEL}model.compile('adam', 'bce', metrics=['accuracy'])\nmodel.fit(x, y)\ncalled = model.predict(x) > 0.5\n"
    )
    safe = fixed_file(text, unsafe=False)
    assert (safe.after, safe.fixed, safe.unsafe) == (safe.before, 0, 1)
    assert fixed_file(text).fixed == 3
    assert fixed(text).splitlines()[2:] == [
        "model.compile('adam', keras.losses.BinaryCrossentropy(from_logits=True), "
        'metrics=[keras.metrics.BinaryAccuracy(threshold=0.0, name="accuracy")])',
        "model.fit(x, y)",
        "called = model.predict(x) > 0.0",
    ]


@pytest.mark.parametrize(
    "text",
    [
        f"{MODEL}other = keras.Sequential([keras.layers.Dense(1, 'sigmoid')])\n"
        "loss = keras.losses.BinaryCrossentropy()\nmodel.compile('adam', loss)\nother.compile('adam', loss)\n",
        "import keras\ndef go(head):\n    keras.Sequential([head]).compile('adam', 'bce')\n"
        "go(keras.layers.Dense(1))\ngo(keras.layers.Dense(1, 'sigmoid'))\n",
        f"{MODEL}from mine import other\nloss = keras.losses.BinaryCrossentropy()\nmodel.compile('adam', loss)\n"
        "loss(y, other(x))\n",
    ],
    ids=["one loss of two models", "one compile of two heads", "one loss of an unknown model"],
)
def test_what_something_else_uses_too_is_left_and_said(text: str) -> None:
    done = fixed_file(text)
    assert done.after == done.before
    assert "used elsewhere" in done.left[0]


@pytest.mark.parametrize(
    "text",
    [
        f"{MODEL}NAME = 'bce'\nmodel.compile('adam', NAME)\n",
        f"{MODEL}logits = False\nmodel.compile('adam', keras.losses.BinaryCrossentropy(from_logits=logits))\n",
        f"{MODEL}given = {{'from_logits': False}}\nmodel.compile('adam', keras.losses.BinaryCrossentropy(**given))\n",
    ],
)
def test_what_has_a_name_of_its_own_is_left_and_said(text: str) -> None:
    done = fixed_file(text)
    assert done.after == done.before
    assert len(done.left) == 1


@pytest.mark.parametrize(
    "text",
    [
        "import keras\nkeras.Sequential([keras.layers.Dense(1, 'relu')]).compile('adam', 'bce')\n",
        "import keras\nkeras.Sequential([keras.layers.Dense(1)]).compile('adam', 'categorical_crossentropy')\n",
        "import keras\nkeras.Sequential([keras.layers.Dense(3, 'softmax')])"
        ".compile('adam', keras.losses.BinaryCrossentropy(from_logits=True))\n",
        f"{MODEL}given = {{'loss': 'bce'}}\nmodel.compile(**given)\n",
        f"{MODEL}model.compile('adam', loss=keras.losses.get('bce'))\n",
    ],
    ids=["relu", "one unit", "other family", "through a dictionary", "through get"],
)
def test_what_no_from_logits_puts_right_is_left(text: str) -> None:
    done = fixed_file(text)
    assert done.findings
    assert done.after == done.before


@pytest.mark.parametrize("comment", ["# logitbench: ignore", "# logitbench: ignore[LB101]"])
def test_what_a_comment_passes_over_is_not_fixed(comment: str) -> None:
    text = f"{MODEL}model.compile('adam', 'bce')  {comment}\n"
    assert fixed(text) == text
    made = f"{MODEL}loss = keras.losses.BinaryCrossentropy()  {comment}\nmodel.compile('adam', loss)\n"
    assert fixed(made) == made


def test_a_rule_that_is_not_asked_fixes_nothing() -> None:
    raw = compiled("'accuracy'").encode()
    assert fix_source("a.py", raw, Settings(chosen("LB1", None)), unsafe=True).after == raw


@pytest.mark.parametrize(
    ("value", "said"), [("2", "it would still be found"), ("1 1", "it would be no Python: line 4")]
)
def test_a_fix_that_does_not_do_is_not_made_and_the_others_are(value: str, said: str) -> None:
    def check(event: Event, backend: str) -> Iterator[Problem]:
        """Find losses of probabilities, with a fix that does nothing for those of many classes."""
        if isinstance(event, Pair) and event.loss.from_logits is False and isinstance(event.loss.node, ast.Call):
            edit: Edit = SetKeyword(event.loss.node, "from_logits", "True")
            if event.loss.family == "categorical":
                (number,) = (one for one in ast.walk(event.loss.node) if isinstance(one, ast.Constant))
                edit = PutNumber(number, value)
            yield Problem(event.node, "", fix=Fix(edit))

    binary, categorical = "keras.losses.BinaryCrossentropy()", "keras.losses.CategoricalCrossentropy(label_smoothing=0)"
    text = MODEL + "".join(f"model.compile('adam', {one})\n" for one in (binary, categorical, binary))
    done = fix_source("a.py", text.encode(), Settings((Rule("LB101", Severity.ERROR, "", check),)), unsafe=True)
    assert done.after.decode() == text.replace(binary, binary.replace("()", "(from_logits=True)"))
    assert done.fixed == 2
    assert done.left[0].startswith(f"line 4: LB101: {said}")
