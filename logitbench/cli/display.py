"""How a run is shown while it goes on, on stderr: live on a terminal, a line per epoch elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from logitbench.launchers.local import Event, TrialDone, TrialFailed
from logitbench.records import EpochEnd, EpochRecord, StepProgress
from logitbench.report.figures import printable
from logitbench.spec import ExperimentSpec


class Quiet:
    """Shows nothing, and remembers where results go."""

    folder: Path | None = None
    epochs = 0

    def note(self, line: str) -> None:
        """Pass over a line on what takes time."""

    def begin(self, spec: ExperimentSpec, folder: Path) -> None:
        """Remember the folder."""
        self.folder = folder
        self.epochs = spec.training.epochs

    def event(self, event: Event) -> None:
        """Pass over what a trial told."""


class Lines(Quiet):
    """A line per epoch."""

    def note(self, line: str) -> None:
        """Write the line."""
        sys.stderr.write(printable(line) + "\n")

    def begin(self, spec: ExperimentSpec, folder: Path) -> None:
        """Say what is run, and where results go."""
        super().begin(spec, folder)
        self.note(_opening(spec, folder))

    def event(self, event: Event) -> None:
        """Write a line for an epoch or a failure."""
        if isinstance(event, EpochEnd):
            parts = "  ".join(_epoch(record) for record in event.records)
            self.note(f"seed {event.seed} epoch {event.records[0].epoch}/{self.epochs}  {parts}")
        elif isinstance(event, TrialFailed):
            self.note(f"seed {event.seed} failed: {event.error}")


class Live(Quiet):
    """A bar for each trial that runs and one for the whole, with the last losses of the arms side by side."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            TextColumn("steps"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[losses]}"),
            console=console,
        )
        self._whole: TaskID | None = None
        self._trials: dict[int, TaskID] = {}
        self._total_epochs = 0

    def __enter__(self) -> Live:
        """Take the terminal."""
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Give the terminal back."""
        self._progress.stop()

    def note(self, line: str) -> None:
        """Write the line above the bars."""
        self._progress.console.print(printable(line), markup=False, highlight=False)

    def begin(self, spec: ExperimentSpec, folder: Path) -> None:
        """Say what is run, and show the bar of the whole."""
        super().begin(spec, folder)
        self.note(_opening(spec, folder))
        self._total_epochs = self.epochs * spec.pairs.seeds
        self._whole = self._progress.add_task("all seeds", total=None, losses="")

    def event(self, event: Event) -> None:
        """Move the bars."""
        if isinstance(event, StepProgress):
            self._step(event)
        elif isinstance(event, TrialDone | TrialFailed):
            if event.seed in self._trials:
                self._progress.remove_task(self._trials.pop(event.seed))
            if isinstance(event, TrialFailed):
                self.note(f"seed {event.seed} failed: {event.error}")

    def _step(self, event: StepProgress) -> None:
        assert self._whole is not None  # noqa: S101 - a run begins before its steps
        if event.seed not in self._trials:
            self._progress.update(self._whole, total=self._total_epochs * event.steps)
            self._trials[event.seed] = self._progress.add_task("", total=self.epochs * event.steps, losses="")
        trial = self._trials[event.seed]
        done = (event.epoch - 1) * event.steps + event.step
        before = next(task.completed for task in self._progress.tasks if task.id == trial)
        self._progress.update(
            trial,
            description=f"seed {event.seed} epoch {event.epoch}/{self.epochs}",
            completed=done,
            losses="loss " + "  ".join(f"{arm} {loss:.4f}" for arm, loss in event.losses.items()),
        )
        self._progress.advance(self._whole, done - before)


@contextmanager
def display(quiet: bool) -> Iterator[Quiet]:
    """Give the display that fits: none, a live one on a terminal, or lines."""
    console = Console(stderr=True)
    if quiet:
        yield Quiet()
    elif console.is_terminal:
        with Live(console) as live:
            yield live
    else:
        yield Lines()


def _opening(spec: ExperimentSpec, folder: Path) -> str:
    return (
        f"{spec.name}: {', '.join(spec.pairs.arms)}; seeds: {spec.pairs.seeds}, epochs: {spec.training.epochs}, "
        f"engine: {spec.training.engine}; results in {folder}"
    )


def _epoch(record: EpochRecord) -> str:
    figures = {"loss": record.loss, "val_loss": record.val_loss, "val_accuracy": record.val_accuracy}
    return f"{record.arm}: " + " ".join(
        f"{name} {'diverged' if value is None else f'{value:.4f}'}" for name, value in figures.items()
    )
