from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from logitbench import store
from logitbench.compare.comparing import compare
from logitbench.records import RunRecord
from logitbench.store import create_run
from tests.handmade import epoch, publish, run_record


def sequential_record(run_id: str, seeds: Sequence[int]) -> RunRecord:
    record = run_record(("logits", "probs"), run_id=run_id)
    spec = {**record.spec, "pairs": {**record.spec["pairs"], "seeds": "auto"}}
    return record.model_copy(update={"spec": spec, "seeds": tuple(seeds)})


def published(results: Path, record: RunRecord, gaps: Mapping[int, float], device: str = "CPU") -> None:
    run = results / record.experiment / record.run_id
    run = run if run.exists() else create_run(results, record)
    for seed, gap in gaps.items():
        rows = [epoch("logits"), epoch("probs", val_nll=0.5 + gap)]
        publish(run, rows, seed, final={"logits": "a" * 64, "probs": "b" * 64}, device=device)


def test_a_sequential_run_is_judged_at_its_looks_and_says_what_its_table_has(tmp_path: Path) -> None:
    gaps = dict(enumerate([0.5, 0.6] * 4 + [-0.5, -0.6] * 4))
    published(tmp_path, sequential_record("first", range(16)), gaps)
    (record,) = compare(store.read([tmp_path]).trials)
    (pair,) = record.pairs
    assert (pair.verdict, pair.evidence.look, pair.evidence.sample.n) == ("A BETTER", 8, 8)
    assert pair.differences["val_nll", 1].n == 16
    assert any("verdicts are judged after 8 seeds; the table has all 16 seeds" in note for note in record.notes)


def test_a_group_of_seeds_without_a_complete_look_has_too_few_and_is_never_called_diverged(tmp_path: Path) -> None:
    record = sequential_record("first", range(16))
    published(tmp_path, record, dict.fromkeys(range(8), 0.5))
    published(tmp_path, record, dict.fromkeys(range(8, 12), 0.5), device="GPU")
    (cpu, gpu) = compare(store.read([tmp_path]).trials)
    assert [pair.verdict for pair in (*cpu.pairs, *gpu.pairs)] == ["A BETTER", "TOO FEW SEEDS"]


def test_a_sequential_experiment_is_a_family_of_its_own(tmp_path: Path) -> None:
    published(tmp_path, sequential_record("first", range(8)), dict(enumerate([0.5, 0.6] * 4)))
    other = run_record(("logits", "probs"), experiment="another", seeds=8)
    published(tmp_path, other, dict(enumerate([0.5, 0.6] * 4)))
    found = {record.run.experiment: record.pairs[0].evidence for record in compare(store.read([tmp_path]).trials)}
    assert {name: evidence.tests for name, evidence in found.items()} == {"handmade": 1, "another": 1}
    assert found["another"].p == 2 / 2**8


def test_seeds_of_a_fixed_run_that_are_pooled_with_a_sequential_one_are_judged_at_its_looks(tmp_path: Path) -> None:
    published(tmp_path, sequential_record("first", range(8)), dict(enumerate([0.5, -0.5] * 4)))
    published(tmp_path, run_record(("logits", "probs"), run_id="second", seeds=10), {8: 0.5, 9: -0.5})
    (record,) = compare(store.read([tmp_path]).trials)
    assert (record.pairs[0].evidence.look, len(record.seeds)) == (8, 10)
    assert any("--seeds auto added seeds: verdicts are judged after 8 seeds" in note for note in record.notes)
