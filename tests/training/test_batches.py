from __future__ import annotations

import numpy as np

from logitbench.training.batches import Account, order


def test_every_epoch_takes_every_row_once_in_an_order_of_its_own() -> None:
    first, second = order(100, 3, 1), order(100, 3, 2)

    assert sorted(first) == sorted(second) == list(range(100))
    assert first.tolist() != second.tolist()


def test_the_order_depends_on_seed_and_epoch_alone() -> None:
    np.testing.assert_array_equal(order(50, 1, 2), order(50, 1, 2))
    assert order(50, 1, 2).tolist() != order(50, 2, 2).tolist()


def test_an_account_tells_the_order_and_not_the_portions() -> None:
    rows = order(50, 1, 1)
    whole, portions, swapped = Account(), Account(), Account()
    whole.enter(rows)
    portions.enter(rows[:20])
    portions.enter(rows[20:])
    swapped.enter(rows[::-1].copy())

    assert whole.digest == portions.digest
    assert whole.digest != swapped.digest
