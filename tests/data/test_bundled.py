import numpy as np

from logitbench.data.bundled import BreastCancer, Digits


def test_raw_breast_cancer_has_400_and_169_rows_as_measured(said: list[str]) -> None:
    data = BreastCancer(standardise=False).load(said.append)
    assert data.x_train.shape == (400, 30)
    assert data.x_val.shape == (169, 30)
    assert data.classes == ("malignant", "benign")
    assert max(data.x_train.max(), data.x_val.max()) == 4254
    assert data.x_train.dtype == np.float32
    assert data.y_val.dtype == np.int32
    assert int(data.y_val.sum()) == 104  # so that guessing the larger class gives 0.615


def test_the_split_is_the_same_raw_or_scaled(said: list[str]) -> None:
    raw, scaled = BreastCancer(standardise=False).load(said.append), BreastCancer().load(said.append)
    np.testing.assert_array_equal(raw.y_val, scaled.y_val)
    expected = (raw.x_val.astype(float) - raw.x_train.astype(float).mean(0)) / raw.x_train.astype(float).std(0)
    np.testing.assert_allclose(scaled.x_val, expected, rtol=1e-3, atol=1e-4)


def test_scaled_training_columns_have_mean_0_and_deviation_1(said: list[str]) -> None:
    data = BreastCancer().load(said.append)
    np.testing.assert_allclose(data.x_train.mean(0, dtype=float), 0, atol=1e-6)
    np.testing.assert_allclose(data.x_train.std(0, dtype=float), 1, rtol=1e-6)
    assert abs(data.x_val.mean()) > 1e-3  # the validation rows took no part


def test_digits_are_64_pixels_each(said: list[str]) -> None:
    raw, scaled = Digits(scale=False).load(said.append), Digits().load(said.append)
    assert raw.x_train.shape == (1438, 64)
    assert raw.x_val.shape == (359, 64)
    assert (raw.x_train.min(), raw.x_train.max()) == (0, 16)
    np.testing.assert_array_equal(scaled.x_train * 16, raw.x_train)
    assert raw.classes == tuple("0123456789")
    assert set(raw.y_train) == set(raw.y_val) == set(range(10))


def test_the_two_have_digests_of_their_own(said: list[str]) -> None:
    assert BreastCancer().content_digest(said.append) != Digits().content_digest(said.append)


def test_the_two_never_change(said: list[str]) -> None:
    # Recorded, and the same with scikit-learn 1.6 and 1.9: other numbers would change every figure of theirs.
    sources = (BreastCancer(standardise=False), BreastCancer(), Digits(scale=False), Digits())
    assert [source.load(said.append).digest() for source in sources] == [
        "e7fa06c5065903c27cd9c39e59dfa0f421a67885a7cb864b78c0df28181d075e",
        "10e9fcf326c71d79c8aa48d3438e9058d4ba81f39b3cb3eb02ce2a3e20472e29",
        "64aebc8e38006439f91ac855a4cb1b834ad8f004d210b2db42d57cdabec360c6",
        "b8ab66d324a8785299ece97ed4da3a26d269db74d620fb45010243344f13388e",
    ]
