"""What a check found, as text: one format a file, one line here."""

FORMATS = {
    "text": "logitbench.report.checks.text:render",
    "json": "logitbench.report.checks.json:render",
    "sarif": "logitbench.report.checks.sarif:render",
    "github": "logitbench.report.checks.github:render",
    "junit": "logitbench.report.checks.junit:render",
}
"""Formats of ``check``, each ``module:function`` from a report to text."""

ENDINGS = {".txt": "text", ".json": "json", ".sarif": "sarif", ".xml": "junit"}
"""Formats that a file has by its ending."""
