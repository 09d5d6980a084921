"""How a run is shown while it goes on, on stderr: live on a terminal, a line per epoch elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Column, Table
from rich.text import Text

from logitbench.launchers.worker import Event, TrialFailed, TrialRetried
from logitbench.records import EpochEnd, EpochRecord, StepProgress
from logitbench.report.plain import printable
from logitbench.spec import ExperimentSpec

STARTING = "starting TensorFlow ..."
"""What happens in the seconds before the first step."""

ROOM_FOR_BARS = 110
"""Columns of a terminal from which on there are bars beside the figures."""


class Quiet:
    """Shows nothing, and remembers where results go."""

    folder: Path | None = None
    epochs = 0

    def note(self, line: str) -> None:
        """Pass over a line on what takes time."""

    def begin(self, spec: ExperimentSpec, folder: Path, seeds: int) -> None:  # noqa: ARG002 - of no interest here
        """Remember the folder."""
        self.folder = folder
        self.epochs = spec.training.epochs

    def event(self, event: Event) -> None:
        """Pass over what a trial told."""


class Lines(Quiet):
    """A line per epoch."""

    def note(self, line: str) -> None:
        """Write the line; that nobody reads it any more must not cost a trial."""
        with suppress(OSError):
            sys.stderr.write(printable(line) + "\n")

    def begin(self, spec: ExperimentSpec, folder: Path, seeds: int) -> None:
        """Say what is run, where results go, and for what to wait."""
        first = self.folder is None
        super().begin(spec, folder, seeds)
        if first:
            self.note(_opening(spec, folder))
            self.note(STARTING)

    def event(self, event: Event) -> None:
        """Write a line for an epoch or a failure."""
        if isinstance(event, EpochEnd):
            self.note(_epoch_line(event, self.epochs))
        elif isinstance(event, TrialFailed | TrialRetried):
            self.note(_trouble_line(event))


class Live(Quiet):
    """A row for each trial that runs and one for the whole, with the last losses of the arms side by side.

    A trial that is done leaves the figures of its last epoch above the rows; the rows go when the run ends.
    """

    def __init__(self, console: Console) -> None:
        bars = [BarColumn(bar_width=20)] if console.width >= ROOM_FOR_BARS else []
        self._progress = _Rows(
            TextColumn("{task.description}", table_column=Column(no_wrap=True)),
            *bars,
            MofNCompleteColumn(table_column=Column(no_wrap=True)),
            TimeRemainingColumn(table_column=Column(no_wrap=True)),
            _Losses(),
            console=console,
            transient=True,
        )
        self._whole: TaskID | None = None
        self._trials: dict[int, TaskID] = {}
        self._last: dict[int, EpochEnd] = {}
        self._total_epochs = 0

    def __enter__(self) -> Live:
        """Take the terminal."""
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Take the rows away and give the terminal back."""
        for task in self._progress.task_ids:
            self._progress.remove_task(task)
        self._progress.stop()

    def note(self, line: str) -> None:
        """Write the line above the bars, if the terminal is still there."""
        with suppress(OSError):
            self._progress.console.print(printable(line), markup=False, highlight=False)

    def begin(self, spec: ExperimentSpec, folder: Path, seeds: int) -> None:
        """Say what is run, and show the row of the whole."""
        super().begin(spec, folder, seeds)
        self._total_epochs += self.epochs * seeds
        if self._whole is None:
            self.note(_opening(spec, folder))
            self._whole = self._progress.add_task(STARTING, total=None, losses="")

    def event(self, event: Event) -> None:
        """Move the rows; say how a trial ended."""
        if isinstance(event, StepProgress):
            self._step(event)
        elif isinstance(event, EpochEnd):
            self._last[event.seed] = event
        else:
            if event.seed in self._trials:
                self._progress.remove_task(self._trials.pop(event.seed))
            last = self._last.pop(event.seed, None)
            if isinstance(event, TrialFailed | TrialRetried):
                self.note(_trouble_line(event))
            elif last:
                self.note(_epoch_line(last, self.epochs))

    def _step(self, event: StepProgress) -> None:
        assert self._whole is not None  # noqa: S101 - a run begins before its steps
        description = f"seed {event.seed} epoch {event.epoch}/{self.epochs}"
        losses = "  ".join(f"{arm} {loss:.4f}" for arm, loss in event.losses.items())
        if event.seed not in self._trials:
            self._progress.update(self._whole, description="all seeds", total=self._total_epochs * event.steps)
            self._trials[event.seed] = self._progress.add_task(
                description, total=self.epochs * event.steps, losses=losses
            )
        trial = self._trials[event.seed]
        done = (event.epoch - 1) * event.steps + event.step
        before = next(task.completed for task in self._progress.tasks if task.id == trial)
        self._progress.update(trial, description=description, completed=done, losses=losses)
        self._progress.advance(self._whole, done - before)


def _trouble_line(event: TrialFailed | TrialRetried) -> str:
    if isinstance(event, TrialRetried):
        return f"seed {event.seed} is tried once more: {event.error}"
    return f"seed {event.seed} failed: {event.error}"


class _Rows(Progress):
    def get_renderables(self) -> Iterable[RenderableType]:
        yield _Narrower(self.make_tasks_table(self.tasks))


@dataclass
class _Narrower:
    """A table that leaves room for ``^C``: behind a full row it would begin a line that is never erased."""

    table: Table

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield from console.render(self.table, options.update_width(options.max_width - len("^C") - 1))


class _Losses(ProgressColumn):
    """The arms' losses: the one column that is cut where the terminal is narrow."""

    def render(self, task: Task) -> Text:
        return Text(task.fields["losses"], no_wrap=True, overflow="ellipsis")


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


def _epoch_line(event: EpochEnd, epochs: int) -> str:
    parts = "  ".join(_epoch(record) for record in event.records)
    return f"seed {event.seed} epoch {event.records[0].epoch}/{epochs}  {parts}"


def _epoch(record: EpochRecord) -> str:
    figures = {"loss": record.loss, "val_loss": record.val_loss, "val_accuracy": record.val_accuracy}
    return f"{record.arm}: " + " ".join(
        f"{name} {'diverged' if value is None else f'{value:.4f}'}" for name, value in figures.items()
    )
