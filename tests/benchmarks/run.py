"""Times logitbench against what a user would do instead: whole processes, in turn, so that a drift hits both.

    pip install -e '.[benchmark]'
    python tests/benchmarks/run.py --imdb aclImdb --archive aclImdb_v1.tar.gz [--rounds 5] [--only NAME ...]
    python tests/benchmarks/run.py --imdb aclImdb --archive aclImdb_v1.tar.gz --growth growth.png

Each pair is run in turn, the short ones once before anything counts. The ratio is the other's seconds over ours, round
by round; memory is the largest of a process's own and its children's. Values are kept in ``--json`` for
``python -m pyperf``.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import pyperf

HERE = Path(__file__).parent
PYTHON = sys.executable
LOGITBENCH = str(Path(PYTHON).with_name("logitbench"))
ALL_ARMS = "logits,probs,probs-clipped,double,raw"
PACKAGES = ("logitbench", "tensorflow", "keras", "numpy", "pandas", "typer", "rich")


@dataclass
class Pair:
    """Ours and the other's command, and how often the other's seconds should be ours."""

    name: str
    ours: list[str]
    other: list[str] | None
    target: str
    empty_cache: bool = False
    warm_up: bool = True
    seconds: tuple[list[float], list[float]] = field(default_factory=lambda: ([], []))
    megabytes: tuple[list[float], list[float]] = field(default_factory=lambda: ([], []))

    def run(self, work: Path, *, counted: bool) -> None:
        for side, command in enumerate((self.ours, self.other)):
            if command is None:
                continue
            shutil.rmtree(work / "results", ignore_errors=True)
            cache = tempfile.mkdtemp(dir=work) if self.empty_cache else str(work / "cache")
            seconds, megabytes = timed(command, work, os.environ | {"LOGITBENCH_CACHE": cache})
            if counted:
                self.seconds[side].append(seconds)
                self.megabytes[side].append(megabytes)

    def row(self) -> str:
        ours, other = (median_and_spread(values) for values in self.seconds)
        memory = " / ".join(f"{statistics.median(values):.0f}" for values in self.megabytes if values)
        ratio = ""
        if self.other:
            ratios = [theirs / mine for mine, theirs in zip(*self.seconds, strict=True)]
            ratio = f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
        return f"| {self.name} | {ours} | {other} | {ratio} | {self.target} | {memory} |"


def timed(command: list[str], work: Path, environment: dict[str, str]) -> tuple[float, float]:
    """Return a process's seconds, and the most MB that it or one of its children had."""
    with tempfile.TemporaryFile() as said:
        began = time.perf_counter()
        process = subprocess.Popen(command, cwd=work, env=environment, stdout=said, stderr=said)
        # The parent's own usage holds the largest of the children that it waited for.
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            sys.exit(f"{' '.join(command)} ended with {process.returncode}:\n{said.read().decode()[-2000:]}")
    return seconds, usage.ru_maxrss / 1024


def median_and_spread(values: list[float]) -> str:
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})" if values else ""


def pairs(imdb: Path, archive: Path, work: Path) -> list[Pair]:
    run = [LOGITBENCH, "run", "imdb", "--epochs", "3", "--data", str(archive), "--quiet"]
    peer = [PYTHON, str(HERE / "peer_script.py"), str(imdb), "--epochs", "3"]
    prepared = [PYTHON, str(HERE / "peer_script.py"), str(work / "prepared"), "--prepared", "--epochs", "3"]

    def python(code: str) -> list[str]:
        return [PYTHON, "-c", code]

    def made(trials: int) -> list[str]:
        return [LOGITBENCH, "compare", str(work / f"made-{trials}")]

    return [
        Pair("2 arms x 8 seeds", [*run, "--seeds", "8"], [*peer, "--seeds", "8"], ">= 5, aim 8", warm_up=False),
        Pair(
            "2 arms x 8 seeds, the script's data prepared too", [*run, "--seeds", "8"], [*prepared, "--seeds", "8"], ""
        ),
        Pair(
            "5 arms x 8 seeds",
            [*run, "--seeds", "8", "--arms", ALL_ARMS],
            [*peer, "--seeds", "8", "--arms", ALL_ARMS],
            ">= 6, aim 10",
            warm_up=False,
        ),
        Pair("2 arms x 1 seed", [*run, "--seeds", "1"], [*peer, "--seeds", "1"], ">= 1.5"),
        Pair(
            "2 arms x 1 seed, nothing cached", [*run, "--seeds", "1"], [*peer, "--seeds", "1"], ">= 1", empty_cache=True
        ),
        Pair("run, 6 seeds", [LOGITBENCH, "run", "--epochs", "3"], None, "<= 15 s"),
        Pair("help", [LOGITBENCH, "--help"], python("import typer, rich"), ">= 0.5"),
        Pair("list", [LOGITBENCH, "list"], python("import typer, rich"), ">= 0.5"),
        Pair(
            "compare, 1 run of 6 seeds",
            [LOGITBENCH, "compare", str(work / "made-6")],
            python("import pandas"),
            ">= 0.5",
        ),
        Pair(
            "compare, 2,000 trials",
            made(2000),
            [PYTHON, str(HERE / "read_json_peer.py"), str(work / "made-2000")],
            ">= 5",
        ),
        Pair("compare, 20,000 trials", made(20000), None, "<= 6 s, 1000 MB"),
    ]


def prepare(archive: Path, work: Path, wanted: list[Pair]) -> None:
    """Fill the cache, lay the prepared arrays where the peer takes them, make results to compare."""
    os.environ["LOGITBENCH_CACHE"] = str(work / "cache")
    if any("run" in pair.ours for pair in wanted):
        subprocess.run(
            [LOGITBENCH, "run", "imdb", "--epochs", "1", "--seeds", "1", "--data", str(archive), "--quiet"],
            cwd=work,
            check=True,
            capture_output=True,
        )
        (folder,) = (work / "cache" / "datasets").iterdir()
        (work / "prepared").symlink_to(folder)
    for pair in wanted:
        if pair.ours[1] == "compare":
            trials = pair.ours[2].rpartition("-")[2]
            command = [PYTHON, str(HERE / "make_results.py"), pair.ours[2], "--trials", trials]
            subprocess.run([*command, "--epochs", "10", "--arms", "2"], check=True)


def growth(archive: Path, work: Path, picture: Path) -> None:
    """Draw how time grows with seeds and with arms."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    arms = ALL_ARMS.split(",")
    environment = os.environ | {"LOGITBENCH_CACHE": str(work / "cache")}

    def seconds(seeds: int, count: int) -> float:
        command = [LOGITBENCH, "run", "imdb", "--epochs", "3", "--data", str(archive), "--quiet"]
        return timed([*command, "--seeds", str(seeds), "--arms", ",".join(arms[:count])], work, environment)[0]

    seeds = [1, 2, 4, 8, 16, 32]
    by_seeds = [seconds(number, 2) for number in seeds]
    by_arms = [seconds(8, count) for count in range(1, 6)]
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), sharey=True, layout="constrained")
    left.plot(seeds, by_seeds, "o-")
    left.set(xlabel="seeds, 2 arms", ylabel="seconds, whole process", ylim=(0, None), xticks=seeds)
    right.plot(range(1, 6), by_arms, "o-")
    right.set(xlabel="arms, 8 seeds", xticks=range(1, 6))
    figure.savefig(picture, dpi=110)
    print("seeds:", dict(zip(seeds, (round(one, 1) for one in by_seeds), strict=True)))
    print("arms:", dict(zip(range(1, 6), (round(one, 1) for one in by_arms), strict=True)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--imdb", type=Path, required=True, help="the unpacked folder aclImdb")
    parser.add_argument("--archive", type=Path, required=True, help="the same as .tar.gz")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", nargs="+", help="names of the pairs to run")
    parser.add_argument("--growth", type=Path, help="draw the growth with seeds and arms instead")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work, archive = Path(folder), options.archive.absolute()
        wanted = [
            pair
            for pair in pairs(options.imdb.absolute(), archive, work)
            if not options.only or pair.name in options.only
        ]
        prepare(archive, work, wanted)
        if options.growth:
            growth(archive, work, options.growth)
            return
        machine = pyperf.Run([1.0]).get_metadata()
        print(*(machine[key] for key in ("platform", "cpu_count", "cpu_model_name") if key in machine), sep=", ")
        print(", ".join(f"{package} {version(package)}" for package in PACKAGES), "\n")
        print("| work | logitbench, s | other, s | ratio | target | MB |\n| --- | --- | --- | --- | --- | --- |")
        suite = []
        for pair in wanted:
            if pair.warm_up:
                pair.run(work, counted=False)
            for _ in range(options.rounds):
                pair.run(work, counted=True)
            print(pair.row(), flush=True)
            for side, values in zip(("logitbench", "other"), pair.seconds, strict=True):
                if values:
                    metadata = {"name": f"{pair.name}: {side}", "unit": "second"}
                    suite.append(pyperf.Benchmark([pyperf.Run(values, metadata=metadata)]))
        if options.json:
            pyperf.BenchmarkSuite(suite).dump(str(options.json), replace=True)


if __name__ == "__main__":
    main()
