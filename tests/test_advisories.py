from __future__ import annotations

import re
from importlib.metadata import requires

from logitbench.advisories import HOLES, holes_in


def test_an_old_keras_has_the_holes_that_were_mended_after_it() -> None:
    assert [hole.split(":")[0] for hole in holes_in("3.13.1")] == [
        "CVE-2026-0897",
        "CVE-2026-1669",
        "CVE-2026-1462",
        "GHSA-hqp4-2352-xf5r",
    ]
    assert len(holes_in("3.8.0")) == len(HOLES)
    assert holes_in("3.14.0") == holes_in("3.14") == holes_in("3.14.0.post1") == holes_in("4.0.0") == []


def test_a_release_candidate_is_older_than_the_release() -> None:
    assert len(holes_in("3.14.0rc0")) == len(holes_in("3.14.0.dev20260101")) == 1


def test_the_oldest_keras_that_may_be_installed_has_none() -> None:
    (bound,) = [found[1] for line in requires("logitbench") or [] if (found := re.match(r"keras.*>=([\d.]+)", line))]

    assert holes_in(bound) == []
