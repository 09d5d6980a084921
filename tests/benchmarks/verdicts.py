"""Simulate how often verdicts and intervals are wrong, for distributions of differences that training produces.

    python tests/benchmarks/verdicts.py [--draws 4000]

Each distribution is shifted so that the mean difference is 0, or lies exactly on the margin of equivalence.
"""

import argparse
from collections.abc import Callable

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from logitbench.compare.declared import Declared
from logitbench.compare.overview import improvement
from logitbench.compare.sequential import LOOKS, judge_in_looks
from logitbench.compare.statistics import ALPHA, described, equivalence_p, mean_p, paired
from logitbench.compare.verdict import Verdict, judge

Array = NDArray[np.float64]

SEEDS = (6, 10, 20)


def outliers(rng: Generator, shape: tuple[int, int]) -> Array:
    return rng.normal(size=shape) + 10 * (rng.random(shape) < 0.1)


def ties(rng: Generator, shape: tuple[int, int]) -> Array:
    """Differences of accuracies on few examples."""
    return rng.choice([-1.0, 0.0, 1.0, 2.0], shape, p=[0.2, 0.4, 0.3, 0.1])


def rare(rng: Generator, shape: tuple[int, int]) -> Array:
    """Equal arms but for 15 % of the seeds."""
    return (rng.random(shape) < 0.15) * (1 + rng.exponential(size=shape) / 2)


DISTRIBUTIONS: dict[str, tuple[Callable[[Generator, tuple[int, int]], Array], float, float]] = {
    "normal": (lambda rng, shape: rng.normal(size=shape), 0.0, 1.0),
    "t3": (lambda rng, shape: rng.standard_t(3, size=shape), 0.0, 3**0.5),
    "exponential": (lambda rng, shape: rng.exponential(size=shape), 1.0, 1.0),
    "lognormal": (lambda rng, shape: rng.lognormal(size=shape), np.e**0.5, (np.e * (np.e - 1)) ** 0.5),
    "10 % outliers": (outliers, 1.0, 10**0.5),
    "accuracies with ties": (ties, 0.3, 0.81**0.5),
    "mostly zero": (rare, 0.225, 0.375**0.5),
}
"""Of each: draws, [draws, seeds]; the mean; the standard deviation, at most rounded."""


def rates(name: str, seeds: int, draws: int) -> tuple[float, float, float, float]:
    """Return how often the interval covers the mean, BETTER is wrong, EQUIVALENT is wrong, and a doubt is given.

    EQUIVALENT is judged with the mean on the upper and on the lower end of a margin of one standard deviation, and the
    larger rate is returned. The doubts are those of wrong verdicts.
    """
    draw, mean, deviation = DISTRIBUTIONS[name]
    at_zero = (draw(np.random.default_rng(seeds), (draws, seeds)) - mean).T
    samples = paired(at_zero)
    better = np.array([sample.p is not None and sample.p < ALPHA and bool(sample.mean) for sample in samples])
    worst, at_margin = max(
        ((_equivalent(side, deviation), side) for side in _on_margins(at_zero, deviation)), key=_count
    )
    covered = np.mean([(one.low or 0.0) <= 0 <= (one.high or 0.0) for one in samples])
    wrong = [(at_zero[:, better], Declared()), (at_margin[:, worst], Declared(margin=deviation))]
    doubts: list[bool] = [bool(judge([d], declared)[0].doubts) for columns, declared in wrong for d in columns.T]
    return float(covered), float(better.mean()), float(worst.mean()), float(np.mean(doubts or [False]))


def _on_margins(at_zero: Array, margin: float) -> tuple[Array, Array]:
    return at_zero - margin, at_zero + margin


def _equivalent(differences: Array, margin: float) -> NDArray[np.bool_]:
    return np.array([equivalence_p(sample, margin) < ALPHA for sample in described(differences)])


def _count(side: tuple[NDArray[np.bool_], Array]) -> int:
    return int(side[0].sum())


def sequential(differences: Array) -> tuple[float, float]:
    """Return how often one arm is called better by ``--seeds auto``, and the mean number of seeds that it trains.

    Args:
        differences: [draws, 64].
    """
    judged = [judge_in_looks([d], range(max(LOOKS)), Declared())[0] for d in differences]
    better = np.mean([one.verdict in (Verdict.A_BETTER, Verdict.B_BETTER) for one in judged])
    return float(better), float(np.mean([one.look for one in judged if one.look]))


def improvement_coverage(experiments: int, seeds: int, probability: float, draws: int) -> float:
    """Return how often the interval of the probability of improvement covers it."""
    scores = (np.random.default_rng(seeds).random((draws, experiments, seeds)) < probability).astype(np.float64)
    estimates = [improvement(list(one)) for one in scores]
    return float(np.mean([one.low <= probability <= one.high for one in estimates]))


def print_rates(draws: int) -> None:
    print(
        "| differences | seeds | coverage | BETTER at mean 0 | EQUIVALENT at the margin | of the wrong, with a doubt |"
    )
    print("| --- | --- | --- | --- | --- | --- |")
    for name in DISTRIBUTIONS:
        for seeds in SEEDS:
            covered, better, equivalent, doubted = rates(name, seeds, draws)
            print(f"| {name} | {seeds} | {covered:.3f} | {better:.3f} | {equivalent:.3f} | {doubted:.2f} |", flush=True)


def print_sequential(draws: int) -> None:
    print("\n| differences | mean / deviation | BETTER | mean number of seeds | BETTER with 8, 16, 32, 64 seeds |")
    print("| --- | --- | --- | --- | --- |")
    cases = [(name, 0.0) for name in DISTRIBUTIONS] + [("normal", effect) for effect in (0.3, 0.5, 1.0)]
    for name, effect in cases:
        draw, mean, deviation = DISTRIBUTIONS[name]
        differences = draw(np.random.default_rng(0), (draws, max(LOOKS))) - mean + effect * deviation
        better, seeds = sequential(differences)
        fixed = (np.mean(np.asarray(mean_p(differences[:, :n].T)[0]) < ALPHA) for n in LOOKS)
        shares = ", ".join(f"{share:.3f}" for share in fixed)
        print(f"| {name} | {effect} | {better:.3f} | {seeds:.0f} | {shares} |", flush=True)


def print_sequential_equivalence(draws: int) -> None:
    print("\n| differences, mean on the margin of a deviation | EQUIVALENT |\n| --- | --- |")
    for name, side in (("normal", -1), ("exponential", 1), ("lognormal", 1)):
        draw, mean, deviation = DISTRIBUTIONS[name]
        differences = draw(np.random.default_rng(0), (draws, max(LOOKS))) - mean + side * deviation
        declared = Declared(margin=deviation)
        judged = [judge_in_looks([d], range(max(LOOKS)), declared)[0].verdict for d in differences]
        print(f"| {name} | {np.mean([one is Verdict.EQUIVALENT for one in judged]):.3f} |", flush=True)


def print_improvement(draws: int) -> None:
    print("\n| experiments | seeds of each | probability of improvement | coverage |")
    print("| --- | --- | --- | --- |")
    for experiments, seeds in ((2, 6), (2, 20), (10, 6)):
        for probability in (0.01, 0.05, 0.5):
            covered = improvement_coverage(experiments, seeds, probability, draws)
            print(f"| {experiments} | {seeds} | {probability} | {covered:.3f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=4000)
    draws = parser.parse_args().draws
    print_rates(draws)
    print_sequential(draws // 4)
    print_sequential_equivalence(draws // 8)
    print_improvement(draws)


if __name__ == "__main__":
    main()
