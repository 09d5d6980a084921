"""What is still known where two ways meet."""

from __future__ import annotations

from logitbench.checks.interpret.state import ModelObject, State, agree, meet
from logitbench.checks.interpret.values import UNKNOWN, Constant, Reference, Tensor, Value

ONE, OTHER, NONE = Constant("sigmoid"), Constant("linear"), Constant(None)


def state(**names: Value) -> State:
    return State({0: dict(names)})


def test_what_two_ways_agree_on_is_known_and_the_rest_is_not() -> None:
    met = meet(state(same=ONE, apart=ONE, first=ONE), state(same=ONE, apart=OTHER, second=OTHER))
    assert met.scopes[0] == {"same": ONE, "apart": UNKNOWN, "first": ONE, "second": OTHER}


def test_a_way_that_ends_does_not_count() -> None:
    ended = state(head=OTHER)
    ended.alive = False
    assert meet(ended, state(head=ONE)).scopes[0] == meet(state(head=ONE), ended).scopes[0] == {"head": ONE}


def test_none_gives_way_to_a_model_and_not_to_an_activation() -> None:
    assert agree(NONE, Reference(1)) == Reference(1)
    assert agree(NONE, ONE) == UNKNOWN


def test_a_model_with_different_heads_on_two_ways_has_an_unknown_one() -> None:
    first, second = state(), state()
    first.heap[1], second.heap[1] = ModelObject((Tensor("linear", 1),)), ModelObject((Tensor("sigmoid", 1),))
    assert meet(first, second).heap[1] == ModelObject(None)


def test_two_models_with_the_same_head_are_as_good_as_one() -> None:
    heap = {1: ModelObject((Tensor("linear", 1),)), 2: ModelObject((Tensor("linear", 1),))}
    assert agree(Reference(1), Reference(2), dict(heap)) == Reference(1)
    assert agree(Reference(1), Reference(2), {1: heap[1], 2: ModelObject(None)}) == UNKNOWN


def test_a_copy_is_not_changed_with_what_it_was_copied_from() -> None:
    original = state(head=ONE)
    copy = original.copy()
    original.writable(0)["head"] = OTHER
    copy.writable(0)["more"] = ONE
    assert (original.scopes[0], copy.scopes[0]) == ({"head": OTHER}, {"head": ONE, "more": ONE})
