from __future__ import annotations

import os

import pytest

from logitbench.training import backend


def test_what_is_written_on_stderr_is_unheard_inside_and_heard_after(capfd: pytest.CaptureFixture[str]) -> None:
    def noisy() -> None:
        with backend.unheard():
            os.write(2, b"noise of a library\n")
            raise ValueError("inside")

    with pytest.raises(ValueError, match="inside"):
        noisy()
    os.write(2, b"an error\n")

    assert capfd.readouterr().err == "an error\n"
