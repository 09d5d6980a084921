"""``logitbench doctor``."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from logitbench.cli import options

if TYPE_CHECKING:
    from logitbench.doctor import Examination

HARMLESS = frozenset({"running", "partial", "stale", "copy"})


def command(results: options.OptionalResults = None, repair: options.Repair = False) -> None:
    """Tell what is whole, partial, stale or broken in results, and on what this program runs."""
    from logitbench import doctor, provenance

    folders = results or ([Path("results")] if Path("results").is_dir() else [])
    if folders:
        examination = doctor.examine(folders)
        _show(examination)
        if repair:
            for finding in examination.findings:
                if done := doctor.repair(finding):
                    _say(f"repaired: {finding.path}: {done}")
            examination = doctor.examine(folders)
    else:
        examination = None
        _say("No results here.")
    _show_left_over(repair=repair)
    _say("")
    _show_environment(provenance.environment())
    if examination and any(finding.kind not in HARMLESS for finding in examination.findings):
        raise typer.Exit(1)


def _show(examination: Examination) -> None:
    from logitbench.doctor import REMEDIES

    _say(f"{examination.runs} runs, {examination.whole} trials are whole.")
    for finding in examination.findings:
        _say(f"{finding.kind}: {finding.path}: {finding.what}")
    for kind in dict.fromkeys(finding.kind for finding in examination.findings):
        _say(f"What to do about {kind}: {REMEDIES[kind]}.")


def _show_left_over(*, repair: bool) -> None:
    """Name what killed processes left in the temporary folder, and move it if that is wanted."""
    from logitbench import temporary

    if not (left := temporary.left_over()):
        return
    for path in left:
        _say(f"left over: {path}")
    if repair:
        try:
            _say(f"repaired: all that is left over is now in {temporary.move_left_over(left)}")
        except OSError as error:
            _say(f"not moved: {error.filename}: {error.strerror}")
    else:
        _say("What to do about left over: harmless: of processes that ended; --repair moves all of it to one folder.")


def _show_environment(environment: Mapping[str, Any]) -> None:
    from logitbench.advisories import holes_in
    from logitbench.data.cache import cache_root
    from logitbench.errors import TrainingError
    from logitbench.training.device import device_of_training

    for name, value in environment.items():
        _say(f"{name}: {'not there' if value is None else value}")
    try:
        _say(f"trains on: {device_of_training()}")
    except TrainingError as error:
        _say(f"trains on: nothing, {error}")
    holes = holes_in(str(environment["keras"])) if environment["keras"] else []
    _say(f"known holes in this Keras: {len(holes) or 'none'}")
    for hole in holes:
        _say(f"  {hole}")
    root = cache_root()
    files = [path for path in root.rglob("*") if path.is_file()] if root.is_dir() else []
    _say(f"cache: {root}, {sum(path.stat().st_size for path in files) / 1e6:.1f} MB")
    for left in sorted(root.glob("**/.building-*")):
        _say(f"left over in the cache: {left}")


def _say(line: str) -> None:
    from logitbench.report.plain import printable

    sys.stdout.write(printable(line) + "\n")
