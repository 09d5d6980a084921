from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from logitbench.training import philox


@pytest.mark.parametrize(
    ("key", "counter", "expected"),
    [
        (0, (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        (2**64 - 1, (2**64 - 1, 2**64 - 1), (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            0x299F31D0A4093822,
            (0x85A308D3243F6A88, 0x0370734413198A2E),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_it_gives_the_numbers_of_the_papers_authors(
    key: int, counter: tuple[int, int], expected: tuple[int, ...]
) -> None:
    """Known answers of Random123, ``kat_vectors``, philox4x32 with 10 rounds."""
    numbers = philox._philox(*(tf.constant(number, tf.uint64) for number in (key, *counter)))

    assert tuple(int(number) for number in numbers) == expected


@pytest.mark.parametrize(
    ("shape", "rate"), [((32, 250, 16), 0.2), ((7, 613), 0.5), ((4099,), 0.3), ((3, 5, 7, 41), 0.999)]
)
def test_it_keeps_what_keras_keeps(shape: tuple[int, ...], rate: float) -> None:
    ours, theirs = (keras.random.SeedGenerator(2**31 + 5) for _ in range(2))

    for _ in range(3):
        kept = philox.keep(ours, shape, rate)

        assert kept is not None
        np.testing.assert_array_equal(kept, keras.random.uniform(shape, seed=theirs) >= rate)


def test_a_few_numbers_are_left_to_keras() -> None:
    generator = keras.random.SeedGenerator(1)
    before = generator.state.numpy()

    assert philox.keep(generator, (32, 16), 0.5) is None
    np.testing.assert_array_equal(generator.state.numpy(), before)


def test_a_keras_that_draws_otherwise_is_left_to_draw(monkeypatch: pytest.MonkeyPatch) -> None:
    uniform = keras.random.uniform
    monkeypatch.setattr(keras.random, "uniform", lambda shape, seed: uniform(shape, seed=seed) ** 2)

    assert philox.keep(keras.random.SeedGenerator(1), (64, 101), 0.5) is None
