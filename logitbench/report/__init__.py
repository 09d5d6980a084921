"""Records in, text out: one format a file, one line here."""

COMPARISON_FORMATS = {
    "table": "logitbench.report.console:render_comparisons",
    "json": "logitbench.report.json:render_comparisons",
    "csv": "logitbench.report.csv:render_comparisons",
    "markdown": "logitbench.report.markdown:render_comparisons",
    "latex": "logitbench.report.latex:render_comparisons",
    "html": "logitbench.report.html:render_comparisons",
}
"""Formats of ``compare``, each ``module:function`` from comparisons to text."""

FORMAT_ENDINGS = {".txt": "table", ".json": "json", ".csv": "csv", ".md": "markdown", ".tex": "latex", ".html": "html"}
"""Formats of ``compare`` by the ending of the file that is written."""

EXPORTS = {
    ".csv": "logitbench.report.csv:write_table",
    ".json": "logitbench.report.json:write_table",
    ".parquet": "logitbench.report.parquet:write_table",
}
"""Endings of ``export``, each ``module:function`` from an epoch table and a path to a file."""
