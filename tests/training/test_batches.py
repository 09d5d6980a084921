from __future__ import annotations

import numpy as np

from logitbench.training.batches import Batches


def test_every_epoch_takes_every_row_once_in_an_order_of_its_own() -> None:
    batches = Batches(100, seed=3)
    first, second = batches.take(1), batches.take(2)

    assert sorted(first) == sorted(second) == list(range(100))
    assert first.tolist() != second.tolist()


def test_the_order_depends_on_seed_and_epoch_alone() -> None:
    taken_late = Batches(50, seed=1)
    taken_late.take(1)

    np.testing.assert_array_equal(Batches(50, seed=1).take(2), taken_late.take(2))
    assert Batches(50, seed=1).take(2).tolist() != Batches(50, seed=2).take(2).tolist()


def test_the_digest_tells_every_order_taken() -> None:
    one, same, other = Batches(50, seed=1), Batches(50, seed=1), Batches(50, seed=1)
    one.take(1)
    one.take(2)
    same.take(1)
    same.take(2)
    other.take(2)
    other.take(1)

    assert one.digest == same.digest
    assert one.digest != other.digest
