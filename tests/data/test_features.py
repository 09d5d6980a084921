import numpy as np
import pytest

from logitbench.data.features import as_float32, standardise
from logitbench.errors import DataError


def test_the_training_rows_alone_decide_the_scale() -> None:
    train, val = standardise(np.array([[1.0], [3.0]]), np.array([[1000.0]]))
    assert train.tolist() == [[-1.0], [1.0]]
    assert val.tolist() == [[998.0]]


def test_a_constant_column_becomes_zero_and_not_nan() -> None:
    train, val = standardise(np.full((7, 1), 0.1), np.array([[0.1]]))
    assert np.abs(train).max() < 1e-15
    assert np.isfinite(val).all()


def test_enormous_values_are_scaled_without_overflow() -> None:
    train, _ = standardise(np.array([[1e300], [-1e300]]), np.array([[0.0]]))
    np.testing.assert_allclose(train, [[1.0], [-1.0]])


def test_values_beyond_float32_are_refused_by_column() -> None:
    with pytest.raises(DataError, match="column 'b' holds values too large for float32") as caught:
        as_float32(np.array([[1.0, 1e39]]), ["a", "b"])
    assert "data.features" in caught.value.hint
