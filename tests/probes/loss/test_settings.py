from __future__ import annotations

import pytest

from logitbench.errors import UsageError
from logitbench.probes.loss.settings import (
    ACTIVATIONS,
    EXECUTIONS,
    OWN,
    POLICIES,
    REFERENCES,
    TOPOLOGIES,
    Wanted,
    references,
    usual,
)
from logitbench.probes.loss.topologies import BUILDS


def test_what_people_write_is_probed_where_nothing_is_said() -> None:
    for backend, execution in (("tensorflow", "graph"), ("jax", "jit"), ("torch", "eager")):
        assert Wanted().settings(backend) == [*usual(execution), *references(backend)]


def test_a_dimension_of_which_nothing_is_said_is_as_it_is_usual() -> None:
    found = Wanted(losses=("binary",), from_logits=False).settings("tensorflow")
    assert [(one.activation, one.policy, one.topology, one.execution) for one in found] == [
        (None, "float32", "direct", "graph"),
        ("sigmoid", "float32", "direct", "graph"),
    ]


def test_everything_is_the_product_of_all_that_makes_sense() -> None:
    found = Wanted(everything=True).settings("tensorflow")
    assert len(found) == len(set(found))
    without = len(TOPOLOGIES) - 1  # a Softmax layer goes with one activation alone
    heads = len(ACTIVATIONS) * without + 1
    assert len(found) == len(OWN) * 2 * len(POLICIES) * heads * len(EXECUTIONS["tensorflow"])


def test_an_execution_that_a_backend_does_not_have_leaves_nothing() -> None:
    assert Wanted(executions=("graph",)).settings("torch") == []


def test_every_topology_can_be_built_and_every_reference_has_a_backend() -> None:
    assert set(TOPOLOGIES) == set(BUILDS)
    assert {backend for backend, _ in REFERENCES.values()} == set(EXECUTIONS)


@pytest.mark.parametrize(
    "wrong", [{"losses": ("x",)}, {"activations": ("relu",)}, {"policies": ("float8",)}, {"executions": ("lazy",)}]
)
def test_what_is_not_there_is_refused(wrong: dict[str, tuple[str, ...]]) -> None:
    with pytest.raises(UsageError, match="there is no "):
        Wanted(**wrong)  # type: ignore[arg-type]
