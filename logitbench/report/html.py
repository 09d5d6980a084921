"""One HTML file: verdicts, explanations, charts with a table behind each, and how to make it again.

Nothing is fetched: script, style and figures stand in the file, and its content security policy lets nothing else in.
Text comes into it escaped, through an autoescaping template or as JSON.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from logitbench.compare.comparison import Comparison
from logitbench.compare.overview import Overall
from logitbench.report import marks, sentences
from logitbench.report.extra import needed
from logitbench.report.plain import printable

if TYPE_CHECKING:
    import jinja2

    from logitbench.report.sections import Section

WHAT = "The report page"


def render_comparisons(records: Sequence[Comparison], groups: Sequence[Overall] = ()) -> str:
    """Return the page.

    Raises:
        UsageError: A package that it needs is not installed.
    """
    environment = _environment()
    bundle: str = needed(WHAT, "vl-convert-python", "vl_convert").javascript_bundle()
    from logitbench.report.reproduction import report_command
    from logitbench.report.sections import section

    sections = [section(record, f"comparison-{place}") for place, record in enumerate(records, 1)]
    script = inlined(f"{bundle}\n{_resource('page.js')}")
    style = _colours() + _resource("page.css")
    return environment.get_template("page.html.j2").render(
        sections=sections,
        overall=list(sentences.over_experiments(groups, records[0].declared)) if records else [],
        command=report_command(records) if records else "",
        charts=embedded([_charts(one) for one in sections]),
        script=_safe(script),
        script_hash=_digest(script),
        style=_safe(style),
        style_hash=_digest(style),
    )


def _environment() -> jinja2.Environment:
    templates = needed(WHAT, "jinja2", "jinja2")
    found: jinja2.Environment = templates.Environment(
        loader=templates.PackageLoader("logitbench", "report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=templates.StrictUndefined,
        finalize=lambda value: printable(value) if type(value) is str else value,
    )
    return found


def _charts(section: Section) -> dict[str, Any]:
    return {
        "name": section.name,
        "arms": [arm.look.arm for arm in section.arms],
        "charts": [
            {
                "name": chart.name,
                "spec": chart.spec,
                "data": {"name": chart.table.name, "columns": chart.table.columns, "rows": chart.table.rows},
            }
            for chart in section.charts
        ],
    }


def embedded(value: object) -> Any:
    """Return JSON that cannot end the script element it stands in, for the template."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return _safe(text.replace("<", "\\u003c").replace(">", "\\u003e"))


def inlined(script: str) -> str:
    """Return a script that cannot end the element it stands in; what would end it can only be in its texts."""
    return re.sub(r"<(?=/script|!--|script)", r"\\x3c", script, flags=re.IGNORECASE)


def _safe(text: str) -> Any:
    from markupsafe import Markup

    return Markup(text)  # noqa: S704 - what is ours, or escaped


def _digest(text: str) -> str:
    """Return the source that a content security policy calls an inline script or style by."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _resource(name: str) -> str:
    return files("logitbench.report").joinpath(name).read_text(encoding="utf-8")


def _colours() -> str:
    """Return the arms' colours as CSS: on paper they are the light ones."""
    light, dark = (
        "".join(f"--arm-{number}:{colour};" for number, colour in enumerate(palette))
        for palette in (marks.LIGHT, marks.DARK)
    )
    return f":root{{{light}}}\n@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n"
