"""What somebody may put into a file or a name to make a program fall over, or do what it should not."""

from __future__ import annotations

TEXTS = (
    "../../up",
    "/etc/passwd",
    "nul\0byte",
    "two\nlines",
    "carriage\rreturn",
    "x" * 300,
    "[/bold]",
    "[link=http://example.org]here[/link]",
    "\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07",
    "\x9b31m",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '=HYPERLINK("http://example.org";"here")',
    "@SUM(1)",
    "-1+1",
    "\u202egnp.exe",
    "\u2066isolated",
    "{{ 7 * 7 }}",
    "%s%n",
    "$(touch here)",
    "",
    " ",
)

BOMBS = (
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b"9" * 100_000,
    b"1e999999",
    b"-0.0",
    b"NaN",
    b"a." * 50_000 + b"a = 1",
    b"x = " + b"[" * 50_000,
    b'"' * 1001,
    b"\0" * 1000,
    b"\xff\xfe" * 100,
    b"\xef\xbb\xbf",
    "\u202e".encode(),
    b"\\ud800",
    b"1979-05-27T07:32:00Z",
    b"{" * 3000 + b"}" * 3000,
)
