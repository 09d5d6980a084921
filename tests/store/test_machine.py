"""Whatever is done to a results folder in whatever order, it holds what a dictionary would hold."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from logitbench import doctor, resume, store
from logitbench.compare.comparing import compare
from logitbench.records import EpochRecord
from logitbench.store import TrialWriter
from logitbench.store.layout import trial_name
from tests.handmade import epoch, publish, run_record, trial_record

SEEDS = st.integers(0, 3)
LOSSES = st.floats(0, 1e6, allow_nan=False)


def rows_of(loss: float) -> list[EpochRecord]:
    return [epoch(arm, number, loss=loss) for number in (1, 2) for arm in ("logits", "probs")]


class ResultsFolder(RuleBasedStateMachine):
    """Two runs of one experiment, and everything that may happen to them."""

    attempts = Bundle("attempts")

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self.results = Path(self._folder.name)
        self.whole: dict[tuple[str, int], list[EpochRecord]] = {}
        self.broken: set[tuple[str, int]] = set()
        self.writers: list[TrialWriter] = []

    @initialize()
    def begin(self) -> None:
        self.runs = {
            name: store.create_run(self.results, run_record(epochs=2, run_id=name, seeds=4)) for name in ("a", "b")
        }

    @rule(run=st.sampled_from("ab"), seed=SEEDS, loss=LOSSES)
    def finish(self, run: str, seed: int, loss: float) -> None:
        publish(self.runs[run], rows_of(loss), seed)
        self.published(run, seed, loss)

    def published(self, run: str, seed: int, loss: float) -> None:
        """An intact trial stays; a broken one moves aside."""
        self.whole.setdefault((run, seed), rows_of(loss))
        self.broken.discard((run, seed))

    @rule(target=attempts, run=st.sampled_from("ab"), seed=SEEDS, loss=LOSSES)
    def start(self, run: str, seed: int, loss: float) -> Any:
        writer = TrialWriter(self.runs[run], seed)
        self.writers.append(writer)
        writer.append(rows_of(loss)[:2])
        return run, seed, loss, writer

    @rule(attempt=consumes(attempts))
    def log_and_finish(self, attempt: Any) -> None:
        run, seed, loss, writer = attempt
        writer.append(rows_of(loss)[2:])
        record = trial_record(rows_of(loss), seed, sha256=writer.epochs_sha256)
        writer.publish(record.model_copy(update={"run_id": run}))
        self.published(run, seed, loss)

    @rule(attempt=consumes(attempts), torn=st.integers(1, 40))
    def die(self, attempt: Any, torn: int) -> None:
        *_, writer = attempt
        file = Path(writer._epochs.name)
        writer.__exit__(None, None, None)
        file.write_bytes(file.read_bytes()[:-torn])

    @rule(
        run=st.sampled_from("ab"), seed=SEEDS, name=st.sampled_from(["trial.json", "epochs.jsonl"]), at=st.floats(0, 1)
    )
    def damage(self, run: str, seed: int, name: str, at: float) -> None:
        file = self.runs[run] / trial_name(seed) / name
        if (run, seed) in self.whole:
            content = file.read_bytes()
            file.write_bytes(content[: int(at * (len(content) - 2))])
            del self.whole[run, seed]
            self.broken.add((run, seed))

    @rule(run=st.sampled_from("ab"), loss=LOSSES)
    def go_on(self, run: str, loss: float) -> None:
        begun = resume.run_to_resume(self.results, run_record(epochs=2, seeds=4), run)
        assert begun
        folder, record = begun
        missing = list(resume.missing(folder, record))
        assert missing == [seed for seed in range(4) if (run, seed) not in self.whole]
        self.broken -= {(run, seed) for seed in missing}
        for seed in missing:
            publish(folder, rows_of(loss), seed)
            self.whole[run, seed] = rows_of(loss)

    @rule()
    def repair(self) -> None:
        for finding in doctor.examine([self.results]).findings:
            doctor.repair(finding)
        self.broken.clear()

    @invariant()
    def it_holds_what_was_finished(self) -> None:
        found = store.read([self.results])
        assert {(trial.run.run_id, trial.record.seed): list(trial.rows) for trial in found.trials} == self.whole
        assert {(one.path.parent.name, one.path.name) for one in found.broken} == {
            (run, trial_name(seed)) for run, seed in self.broken
        }
        if found.trials:
            (pooled,) = compare(found.trials)
            assert set(pooled.seeds) == {seed for _, seed in self.whole}

    def teardown(self) -> None:
        for writer in self.writers:
            writer.__exit__(None, None, None)
        self._folder.cleanup()


TestResultsFolder = ResultsFolder.TestCase
TestResultsFolder.settings = settings(
    max_examples=20, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
