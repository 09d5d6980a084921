"""A page as headless Chromium sees it."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium: apt-get install chromium")


@dataclass(frozen=True)
class Seen:
    """What came of a page.

    Args:
        dom: The document after its scripts, as HTML.
        console: Lines of its console: messages, warnings, errors, refusals.
        requests: First lines of what it asked the network for.
    """

    dom: str
    console: list[str]
    requests: list[str]


class Network:
    """A proxy that answers nothing and remembers who was asked for; Chromium's own errands go elsewhere."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._server.getsockname()[1]}"
        self.requests: list[str] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                line = connection.recv(4096).partition(b"\r\n")[0].decode(errors="replace")
                if not re.search(r"google|gvt1|gstatic", line):
                    self.requests.append(line)

    def close(self) -> None:
        self._server.close()


def opened(page: str, folder: Path) -> Seen:
    """Open a page from a file, wait until its scripts are done, and return what came of it.

    Args:
        page: HTML.
        folder: An empty one, for the file and the browser's own.
    """
    assert CHROMIUM is not None
    path = folder / "page.html"
    path.write_text(page, encoding="utf-8")
    network = Network()
    command = [
        CHROMIUM,
        *("--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--v=0", "--dump-dom"),
        *("--disable-background-networking", "--disable-component-update", "--no-first-run"),
        f"--user-data-dir={folder / 'profile'}",
        f"--proxy-server={network.address}",
        "--window-size=1200,2000",
        "--virtual-time-budget=300000",
        path.as_uri(),
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    finally:
        network.close()
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    return Seen(done.stdout, console, network.requests)
