import numpy as np
import pytest

from logitbench.data.split import shuffled, stratified
from logitbench.errors import DataError


def test_the_shuffle_is_that_of_keras() -> None:
    names = [f"neg/{number}.txt" for number in range(57)]
    train, val = shuffled(57, 11, seed=42)
    np.random.RandomState(42).shuffle(names)  # as keras.src.utils.dataset_utils.index_directory does
    unshuffled = [f"neg/{number}.txt" for number in range(57)]
    assert [unshuffled[place] for place in [*train, *val]] == names
    assert len(val) == 11


@pytest.mark.parametrize("validation", [0, 3])
def test_a_split_with_an_empty_side_is_refused(validation: int) -> None:
    with pytest.raises(DataError, match="3 examples cannot be split") as caught:
        shuffled(3, validation, seed=0)
    assert "data.validation_split" in caught.value.hint


def test_every_class_has_its_share_on_each_side() -> None:
    labels = np.repeat(np.arange(3, dtype=np.int32), [100, 10, 2])
    train, val = stratified(labels, 0.2, seed=1)
    assert np.bincount(labels[val]).tolist() == [20, 2, 1]
    assert sorted([*train, *val]) == list(range(112))


@pytest.mark.parametrize("share", [0.0001, 0.9999])
def test_no_class_is_missing_on_a_side_however_small_the_share(share: float) -> None:
    labels = np.tile(np.arange(2, dtype=np.int32), 5)
    for side in stratified(labels, share, seed=0):
        assert set(labels[side]) == {0, 1}


def test_the_seed_decides_the_split() -> None:
    labels = np.tile(np.arange(2, dtype=np.int32), 50)
    first, again, other = (stratified(labels, 0.2, seed)[1].tolist() for seed in (1, 1, 2))
    assert first == again
    assert sorted(first) != sorted(other)
    assert first != sorted(first)  # shuffled: classes do not stand in blocks
