"""Every rule on its fixtures."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from logitbench.checks.engine import Settings, check
from logitbench.checks.records import Severity
from logitbench.checks.registry import all_rules
from tests.checks import fixtures

HEADINGS = ["What it does", "Why is this bad?", "Example", "Use instead", "Limits"]


@pytest.mark.parametrize("path", fixtures.of_kind("hits"), ids=fixtures.name)
def test_each_hit_is_found_and_nothing_else(path: Path) -> None:
    wanted = fixtures.expected(path)
    assert wanted
    assert path.parts[-3] in {code for _, code in wanted}
    assert {(one.line, one.code) for one in fixtures.found(path)} == wanted


@pytest.mark.parametrize("path", fixtures.of_kind("lookalikes"), ids=fixtures.name)
def test_of_what_only_looks_wrong_nothing_is_said(path: Path) -> None:
    assert [(one.line, one.code, one.message) for one in fixtures.found(path)] == []


@pytest.mark.parametrize("path", fixtures.of_kind("misses"), ids=fixtures.name)
def test_what_is_missed_is_written_down_with_the_reason(path: Path) -> None:
    assert re.search(r"# MISS: \w", path.read_text(encoding="utf-8"))
    assert fixtures.found(path) == []


def test_every_rule_has_a_hit_and_every_folder_a_rule() -> None:
    folders = {path.name for path in fixtures.FOLDER.iterdir()}
    assert folders == set(all_rules())
    assert {path.parts[-3] for path in fixtures.of_kind("hits")} == set(all_rules())


@pytest.mark.parametrize("code", all_rules())
def test_a_page_has_every_part_in_order(code: str) -> None:
    rule = all_rules()[code]
    assert re.findall(r"^## (.*)$", rule.page, re.MULTILINE) == HEADINGS
    assert rule.title
    assert max(map(len, rule.page.splitlines())) <= 120


@pytest.mark.parametrize("code", all_rules())
def test_the_example_of_a_page_is_found_and_its_remedy_is_not(code: str, tmp_path: Path) -> None:
    parts = all_rules()[code].page.split("\n## ")
    example, remedy = (next(part for part in parts if part.startswith(name)) for name in ("Example", "Use instead"))
    for part, wanted in ((example, {code}), (remedy, set())):
        lines = "\n".join(line[4:] for line in part.splitlines() if line.startswith("    "))
        if "logits=logits" in lines or "softmax(logits)" in lines:
            lines = f"logits = keras.layers.Dense(8)(x)\n{lines}"
        if code == "LB104":
            lines = f"keras.Sequential([\n{lines}\n])"
        file = tmp_path / "example.py"
        file.write_text(f"import keras\nimport tensorflow as tf\nfrom torch import nn\n{lines}\n", encoding="utf-8")
        assert {one.code for one in fixtures.found(file)} == wanted, lines


@pytest.mark.parametrize(("backend", "severity"), [("tensorflow", "warning"), ("jax", "error"), ("torch", "error")])
def test_what_tensorflow_puts_right_is_an_error_elsewhere(backend: str, severity: str, tmp_path: Path) -> None:
    file = tmp_path / "twice.py"
    file.write_text(
        "import keras\nkeras.Sequential([keras.layers.Dense(1, 'sigmoid')])"
        ".compile('adam', keras.losses.BinaryCrossentropy(from_logits=True))\n",
        encoding="utf-8",
    )
    (finding,) = check([str(file)], Settings(backend=backend)).findings
    assert (finding.code, finding.severity) == ("LB102", severity)


BCE, SPARSE = "keras.losses.BinaryCrossentropy", "keras.losses.SparseCategoricalCrossentropy"


@pytest.mark.parametrize(
    ("head", "loss", "metric", "remedy"),
    [
        ("1", f"{BCE}(label_smoothing=0.1)", "'mae'", f"loss={BCE}(label_smoothing=0.1, from_logits=True)"),
        ("1", f"{BCE}(False, 0.1)", "'mae'", f"loss={BCE}(True, 0.1)"),
        ("1, 'sigmoid'", f"{BCE}(True)", "'mae'", f"loss={BCE}()"),
        ("1, 'sigmoid'", f"{BCE}(True, 0.1)", "'mae'", f"loss={BCE}(False, 0.1)"),
        ("1", f"{BCE}(True)", "Precision(name='p')", "keras.metrics.Precision(name='p', thresholds=0.0)"),
        ("1", f"{BCE}(True)", "Precision(0.5, None, 1)", "keras.metrics.Precision(0.0, None, 1)"),
        ("1", f"{BCE}(True)", "AUC(num_thresholds=9)", "keras.metrics.AUC(num_thresholds=9, from_logits=True)"),
        ("1, 'sigmoid'", f"{BCE}()", "AUC(from_logits=True, name='a')", "keras.metrics.AUC(name='a')"),
        (
            "9, 'softmax'",
            f"{SPARSE}()",
            "TopKCategoricalAccuracy(k=3, name='top3')",
            "keras.metrics.SparseTopKCategoricalAccuracy(k=3, name='top3')",
        ),
        (
            "9, 'softmax'",
            f"{SPARSE}()",
            "BinaryAccuracy('b', None, 0.3)",
            "keras.metrics.SparseCategoricalAccuracy('b', None)",
        ),
        (
            "9, 'softmax'",
            f"{SPARSE}()",
            "BinaryAccuracy(threshold=0.3, name='b')",
            "keras.metrics.SparseCategoricalAccuracy(name='b')",
        ),
    ],
)
def test_a_remedy_keeps_the_settings_of_what_it_replaces(
    head: str, loss: str, metric: str, remedy: str, tmp_path: Path
) -> None:
    metric = metric if metric == "'mae'" else f"keras.metrics.{metric}"
    file = tmp_path / "settings.py"
    file.write_text(
        f"import keras\nkeras.Sequential([keras.layers.Dense({head})]).compile('adam', {loss}, metrics=[{metric}])\n",
        encoding="utf-8",
    )
    (finding,) = fixtures.found(file)
    assert finding.remedy.splitlines()[0].split(" or ")[0] == remedy


@pytest.mark.parametrize(
    ("layers", "loss"),
    [
        ("keras.layers.Flatten()", "BinaryCrossentropy"),
        ("keras.layers.Reshape((1,))", "BinaryCrossentropy"),
        ("keras.layers.Dropout(0.5)", "BinaryCrossentropy"),
        ("", "BinaryFocalCrossentropy"),
    ],
)
def test_what_tensorflow_cannot_put_right_is_an_error_there_too(layers: str, loss: str, tmp_path: Path) -> None:
    file = tmp_path / "twice.py"
    file.write_text(
        f"import keras\nkeras.Sequential([keras.layers.Dense(1, 'sigmoid'), {layers}])"
        f".compile('adam', keras.losses.{loss}(from_logits=True))\n",
        encoding="utf-8",
    )
    (finding,) = fixtures.found(file)
    assert (finding.code, finding.severity) == ("LB102", Severity.ERROR)


@pytest.mark.parametrize(("dtype", "severity"), [("float32", "warning"), ("float16", "error")])
def test_a_cast_to_the_same_dtype_does_not_keep_tensorflow_from_the_logits(
    dtype: str, severity: str, tmp_path: Path
) -> None:
    file = tmp_path / "cast.py"
    file.write_text(
        "import keras\ninputs = keras.Input((8,))\np = keras.layers.Dense(1, 'sigmoid')(inputs)\n"
        f"model = keras.Model(inputs, keras.ops.cast(p, '{dtype}'))\n"
        "model.compile('adam', keras.losses.BinaryCrossentropy(from_logits=True))\n",
        encoding="utf-8",
    )
    (finding,) = fixtures.found(file)
    assert (finding.code, finding.severity) == ("LB102", severity)


@pytest.mark.parametrize(("backend", "codes"), [("tensorflow", []), ("jax", ["LB106"]), ("torch", ["LB106"])])
def test_a_binary_focal_loss_of_logits_clips_except_on_tensorflow(
    backend: str, codes: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "focal.py"
    file.write_text(
        "import keras\nkeras.Sequential([keras.layers.Dense(1)])"
        ".compile('adam', keras.losses.BinaryFocalCrossentropy(from_logits=True))\n",
        encoding="utf-8",
    )
    report = check([str(file)], Settings(backend=backend, severity=Severity.NOTE))
    assert [one.code for one in report.findings] == codes


@pytest.mark.parametrize(
    ("loss", "dead"),
    [
        ("BinaryCrossentropy", True),
        ("BinaryFocalCrossentropy", False),
        ("CategoricalCrossentropy", False),
        ("SparseCategoricalCrossentropy", False),
    ],
)
def test_only_binary_cross_entropy_on_logits_is_said_to_learn_nothing_past_the_clip(
    loss: str, dead: bool, tmp_path: Path
) -> None:
    file = tmp_path / "raw.py"
    file.write_text(
        f"import keras\nkeras.Sequential([keras.layers.Dense(3)]).compile('adam', keras.losses.{loss}())\n",
        encoding="utf-8",
    )
    (finding,) = fixtures.found(file)
    assert (finding.code, "nothing is learned" in finding.message) == ("LB101", dead)


@pytest.mark.parametrize(
    ("units", "activation", "where"),
    [(1, "sigmoid", "from a logit of 8.32 on"), (9, "softmax", "between two classes from a difference of 8.32 on")],
)
def test_a_half_precision_softmax_saturates_by_a_difference_of_logits(
    units: int, activation: str, where: str, tmp_path: Path
) -> None:
    file = tmp_path / "half.py"
    file.write_text(
        f"import keras\nhead = keras.layers.Dense({units}, '{activation}', dtype='mixed_float16')\n"
        f"keras.Sequential([head]).compile('adam', '{'binary' if units == 1 else 'categorical'}_crossentropy')\n",
        encoding="utf-8",
    )
    (finding,) = fixtures.found(file)
    assert finding.code == "LB301"
    assert where in finding.message
