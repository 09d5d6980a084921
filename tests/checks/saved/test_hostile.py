"""What is nearly a model's description: it is read as far as it goes, and nothing is made of what is no such thing."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from logitbench.checks.engine import Settings, check
from logitbench.checks.interpret.events import Untold
from logitbench.checks.records import Severity
from logitbench.checks.saved.program import events_of
from tests.checks.saved.written import read, written

# Keras asks NumPy 2 for the array of a variable in a way of NumPy 1, and says that a lambda is saved with its code.
pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:The object being serialized includes a `lambda`:UserWarning"),
]

KERAS_2 = Path(__file__).parents[2] / "fixtures" / "saved" / "keras2.json"
"""What tf_keras 2.21 wrote of a model of two outputs: a shared layer with a sigmoid in mixed_float16 and a Reshape
behind it, and a Sequential that ends in a softmax with from_logits=True."""

ODD: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, -1, 0, 1.5, 10**30, "", "head", "softmax", "keras", [], {}, [[]], ["head", 0, 0], ["head", -1, 99]]
)
FUNCTION = st.sampled_from([{"class_name": "function", "config": "sigmoid"}, {"class_name": "__keras_tensor__"}])


@st.composite
def changed(draw: st.DrawFn, whole: Any) -> Any:
    """Something of JSON with a value somewhere in it replaced, left out, doubled, or taken from elsewhere in it."""
    if not isinstance(whole, dict | list) or not whole or draw(st.integers(0, 7)) == 0:
        return draw(ODD | FUNCTION | st.just(float("nan")))
    keys: Any = list(whole) if isinstance(whole, dict) else range(len(whole))
    key, copy = draw(st.sampled_from(keys)), whole.copy()
    match draw(st.integers(0, 9)):
        case 0:
            del copy[key]
        case 1:
            copy[key] = [whole[key], whole[key]]
        case 2:
            copy[key] = whole
        case _:
            copy[key] = draw(changed(whole[key]))
    return copy


def test_a_description_with_anything_changed_in_it_is_read(saved: Path) -> None:
    real = [read(path) for path in sorted(saved.glob("*.keras"))] + [json.loads(KERAS_2.read_text())]

    @settings(max_examples=600, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(real).flatmap(changed).flatmap(changed).flatmap(changed))
    def is_read(model: Any) -> None:
        if isinstance(model, dict):
            assert all(event.node for event in events_of(model))

    is_read()


def test_every_value_may_be_of_every_kind(saved: Path) -> None:
    def everywhere(whole: Any, put: Any) -> Any:
        if isinstance(whole, dict | list):
            for key in list(whole) if isinstance(whole, dict) else range(len(whole)):
                before, whole[key] = whole[key], put
                yield
                whole[key] = before
                yield from everywhere(before, put)

    for name in ("several", "nested", "shared"):
        model = read(saved / f"{name}.keras")
        for put in (None, 3, "text", [], {}, [1], {"class_name": 1, "config": 2}):
            for _ in everywhere(model, put):
                events_of(model)


def test_a_model_of_keras_2_is_read_like_one_of_keras_3(tmp_path: Path) -> None:
    path = written(tmp_path / "a.keras", KERAS_2.read_bytes())
    found = check([path], Settings(severity=Severity.NOTE, show_unknown=True)).findings
    assert [(one.code, one.part) for one in found] == [
        ("LB102", "output 'inner'"),
        ("LB202", "output 'inner', metric AUC"),
        ("LB301", "layer 'activation'"),
        ("LB302", "output 'reshape'"),
    ]


def layer(kind: str, name: str, given: str, **config: Any) -> dict[str, Any]:
    node = {"args": [{"class_name": "__keras_tensor__", "config": {"keras_history": [given, 0, 0]}}], "kwargs": {}}
    return {**keras_object(kind, name=name, **config), "name": name, "inbound_nodes": [node]}


def keras_object(kind: str, **config: Any) -> dict[str, Any]:
    return {"module": "keras.layers", "class_name": kind, "config": config, "registered_name": None}


def functional(layers: list[dict[str, Any]], output: str) -> dict[str, Any]:
    config = {"layers": layers, "input_layers": [["in", 0, 0]], "output_layers": [[output, 0, 0]]}
    return {**keras_object("Functional", **config), "compile_config": {"loss": "bce"}}


def test_layers_that_lead_to_each_other_end(tmp_path: Path) -> None:
    circle = functional([layer("Dropout", "a", "b"), layer("Flatten", "b", "a")], "a")
    (finding,) = check([written(tmp_path / "a.keras", circle)], Settings(show_unknown=True)).findings
    assert finding.code == "LB000"


def test_models_in_models_each_called_twice_do_not_take_for_ever() -> None:
    model = functional([layer("Dropout", "a", "in")], "a")
    for depth in range(40):
        inner = [{**model, **layer("Functional", name, given)} for name, given in (("x", "in"), ("y", "x"))]
        model = functional([{**one, "config": model["config"]} for one in inner], "y")
        assert depth < 40
    began = time.monotonic()
    (event,) = events_of(model)
    assert isinstance(event, Untold)
    assert time.monotonic() - began < 20


def test_a_chain_of_thousands_of_layers_is_told_of_as_too_deep() -> None:
    chain = [layer("Dropout", f"d{index}", f"d{index - 1}") for index in range(5000)]
    (event,) = events_of(functional(chain, "d4999"))
    assert isinstance(event, Untold)


def test_a_class_of_the_users_is_not_keras_s_though_it_has_its_name(tmp_path: Path) -> None:
    for own in ({"module": "mine"}, {"registered_name": "mine>Dense"}, {"module": None}):
        dense = {**keras_object("Dense", units=1, activation="linear", name="head"), **own}
        model = {**keras_object("Sequential", layers=[dense]), "compile_config": {"loss": "bce"}}
        (finding,) = check([written(tmp_path / "a.keras", model)], Settings(show_unknown=True)).findings
        assert finding.code == "LB000"
    right = {**keras_object("Dense", units=1, activation="linear", name="head")}
    model = {**keras_object("Sequential", layers=[right]), "compile_config": {"loss": "bce"}}
    (finding,) = check([written(tmp_path / "a.keras", model)], Settings()).findings
    assert finding.code == "LB101"
