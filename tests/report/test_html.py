from __future__ import annotations

import dataclasses
import html
import itertools
import json
import re
import sys
import tomllib
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from logitbench import store
from logitbench.compare.comparing import DEFAULT_METRICS, compare
from logitbench.compare.comparison import Comparison
from logitbench.errors import UsageError
from logitbench.heads import LossPath
from logitbench.records import METRICS, RunRecord
from logitbench.report import chartdata, figures, marks, sentences
from logitbench.report.html import embedded, inlined, render_comparisons
from logitbench.report.reproduction import report_command
from logitbench.report.sections import LOSS_PATHS
from logitbench.store import Trial
from logitbench.store.reader import FIELDS
from tests.handmade import ASSETS, epoch, run_record, trial_record, trials
from tests.report.browser import Seen, needs_chromium, opened
from tests.report.conftest import Hostile

IMAGE = "<img src=x onerror=alert(1)>"
ENDS_SCRIPT = "</script><script>alert(1)</script><!--<script>"


class Page(HTMLParser):
    """What stands in a page: elements with their attributes, texts, the charts, and tables by caption."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.tables: dict[str, list[list[list[str]]]] = {}
        self.data: Any = None
        self.script = ""
        self.text = ""
        self._open: list[str] = []
        self._rows: list[list[str]] = []
        self._caption = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in {"meta", "input"}:
            self._open.append(tag)
        if tag == "table":
            self._rows, self._caption = [], ""
        elif tag == "tr":
            self._rows.append([])
        elif tag in {"td", "th"}:
            self._rows[-1].append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag
        if tag == "table":
            self.tables.setdefault(self._caption, []).append(self._rows)

    def handle_data(self, data: str) -> None:
        inside = self._open[-1] if self._open else ""
        if inside == "script" and self.elements[-1][1].get("type") == "application/json":
            self.data = json.loads(data)
        elif inside == "script":
            self.script += data
        elif inside != "style":
            self.text += data
        if inside in {"td", "th"}:
            self._rows[-1][-1] += data
        elif inside == "caption":
            self._caption += data

    def tags(self) -> list[str]:
        return [tag for tag, _ in self.elements]


@pytest.fixture(scope="module")
def real() -> list[Comparison]:
    return compare(store.read([ASSETS]).trials)


@pytest.fixture(scope="module")
def page(real: list[Comparison]) -> str:
    return render_comparisons(real)


@pytest.fixture(scope="module")
def seen(page: str, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    return opened(page, tmp_path_factory.mktemp("browser"))


def many(arms: int, seeds: int, epochs: int) -> list[Comparison]:
    """Results with figures that have all their digits."""
    random = np.random.default_rng(0)
    names = ["logits", *(f"arm-{number}" for number in range(1, arms))]
    rows = [[epoch(name, number) for number in range(1, epochs + 1) for name in names]] * seeds
    found = []
    for seed in range(seeds):
        columns = {field: tuple(getattr(row, field) for row in rows[seed]) for field in FIELDS}
        columns |= {metric: tuple(random.uniform(0, 1, len(rows[seed])).tolist()) for metric in METRICS}
        found.append(Trial(run_record(names, epochs, seeds=seeds), trial_record(rows[seed], seed), columns))
    return compare(found)


def embedded_tables(page: Page, comparison: int) -> dict[str, list[list[Any]]]:
    return {chart["data"]["name"]: chart["data"]["rows"] for chart in page.data[comparison]["charts"]}


def test_verdicts_findings_and_doubts_stand_before_the_charts(real: list[Comparison], page: str) -> None:
    text = Page(page).text
    for record in real:
        for sentence in (
            *(sentences.verdict(pair, record.declared) for pair in record.pairs),
            *(finding.replace("`", "") for finding in record.findings),
            *(doubt for pair in record.pairs for doubt in pair.evidence.doubts),
        ):
            assert sentence in text
    assert text.index("Verdicts") < text.index("What explains") < text.index("Epoch by epoch") < text.index("Each seed")


def test_each_arm_has_its_loss_path_and_what_that_is(real: list[Comparison], page: str) -> None:
    text = Page(page).text
    for arm, paths in real[0].loss_paths.items():
        assert f"{arm}: {'/'.join(paths)}" in text
        assert all(LOSS_PATHS[LossPath(path)] in text for path in paths)
    assert set(LOSS_PATHS) == set(LossPath)


def test_the_tables_have_the_figures_of_the_comparison(real: list[Comparison], page: str) -> None:
    tables = Page(page).tables
    for place, record in enumerate(real):
        for metric in record.metrics:
            head, *rows = tables[f"{metric}, mean ± standard deviation over seeds"][place]
            assert head == ["epoch", *record.arms]
            assert rows == [
                [str(number), *(figures.cell(record.cells[metric, number, arm]) for arm in record.arms)]
                for number in record.epochs
            ]
            _, *rows = tables[f"{metric}, mean paired difference with its 95 % interval and the number of seeds"][place]
            for number, row in zip(record.epochs, rows, strict=True):
                for pair, text in zip(record.pairs, row[1:], strict=True):
                    sample = pair.differences[metric, number]
                    written = list(map(float, re.findall(r"[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?", text)))
                    expected = [part for part in (sample.mean, sample.low, sample.high, sample.n) if part is not None]
                    assert written == pytest.approx(expected, rel=1e-3)


def test_the_last_digits_of_a_split_gap_add_up(page: str) -> None:
    _, *rows = Page(page).tables["gap of the reported validation accuracy, in points"][0]
    assert len(rows) == 3 * 4
    for _, _, gap, threshold, training in rows:
        assert round(100 * float(gap)) == round(100 * float(threshold)) + round(100 * float(training))


def test_each_seed_stands_in_its_table_and_in_its_chart(real: list[Comparison], page: str) -> None:
    parsed, record = Page(page), real[1]
    head, *rows = parsed.tables["val_nll at the last epoch"][1]
    assert head == ["seed", *record.arms]
    expected = [record.declared.of(dict(record.figures[arm])) for arm in record.arms]
    assert [[float(cell) for cell in row[1:]] for row in rows] == pytest.approx(np.array(expected).T, rel=1e-5)
    charted = embedded_tables(parsed, 1)["seeds"]
    assert [value for _, _, value in charted] == pytest.approx(np.concatenate(expected), rel=1e-5)


def test_the_charts_have_the_same_figures_as_the_tables(real: list[Comparison], page: str) -> None:
    record, charted = real[0], embedded_tables(Page(page), 0)
    for metric in record.metrics:
        for place, number, mean, spread in charted[metric]:
            cell = record.cells[metric, number, record.arms[place]]
            assert (mean, spread) == pytest.approx((cell.mean, cell.spread), rel=1e-5)
        for place, number, mean, low, high, n in charted[f"{metric} differences"]:
            sample = next(p for p in record.pairs if p.arm == record.arms[place]).differences[metric, number]
            expected = (sample.mean, sample.low, sample.high, sample.n)
            for written, figure in zip((mean, low, high, n), expected, strict=True):
                assert written == (None if figure is None else pytest.approx(figure, rel=1e-5))
    assert charted["split 1"] == [
        [split.epoch, *(round(100 * part, 2) for part in split.rounded(4))] for split in record.pairs[0].accuracy
    ]


def test_the_axis_of_epochs_has_marks_at_the_epochs_that_are_shown(real: list[Comparison], page: str) -> None:
    for record, comparison in zip(real, Page(page).data, strict=True):
        axes = re.findall(r'"axis": {[^{}]*"values": (\[[^]]*])[^{}]*}, "field": "epoch"', json.dumps(comparison))
        assert axes
        assert {tuple(json.loads(values)) for values in axes} == {record.epochs}


def test_what_diverged_is_a_gap_in_the_chart_and_a_word_in_the_table(awkward: list[Comparison]) -> None:
    parsed = Page(render_comparisons(awkward))
    assert [2, 1, None, None] in embedded_tables(parsed, 0)["loss"]
    assert parsed.tables["loss, mean ± standard deviation over seeds"][0][1][3] == "diverged (2)"
    assert "NaN" not in json.dumps(parsed.data)


def test_where_nothing_is_finite_that_is_said_in_the_place_of_a_chart(tmp_path: Path) -> None:
    dead = [[epoch("logits", loss=None), epoch("probs", loss=None)]]
    parsed = Page(render_comparisons(compare(trials(tmp_path, dead), metrics=["loss", "val_nll"])))
    assert "comparison-1-loss" not in {chart["name"] for chart in parsed.data[0]["charts"]}
    assert "comparison-1-val_nll" in {chart["name"] for chart in parsed.data[0]["charts"]}
    assert parsed.text.count("No figure is a finite number.") == 3  # both charts of loss, and the seeds
    assert parsed.tables["loss, one seed"][0][1] == ["1", "diverged (1)", "diverged (1)"]


def test_headings_come_in_order_and_there_is_one_of_the_first(page: str) -> None:
    levels = [int(tag[1]) for tag in Page(page).tags() if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(later <= earlier + 1 for earlier, later in itertools.pairwise(levels))


def test_every_chart_has_words_for_who_cannot_see_it_and_a_table_behind_it(page: str) -> None:
    parsed = Page(page)
    for comparison in parsed.data:
        for chart in comparison["charts"]:
            assert "table after the chart" in chart["spec"]["description"]
    charts = sum(len(comparison["charts"]) for comparison in parsed.data)
    splits = sum("split" in chart["name"] for comparison in parsed.data for chart in comparison["charts"])
    assert parsed.tags().count("details") == charts - splits + len(parsed.data)
    scrolled = [attributes for tag, attributes in parsed.elements if attributes.get("class") == "scroll"]
    assert all(attributes["tabindex"] == "0" and attributes["aria-label"] for attributes in scrolled)


def test_a_run_can_be_made_again_from_what_the_page_says(real: list[Comparison], page: str) -> None:
    text = Page(page).text
    for record in real:
        begin = text.index(f'name = "{record.run.experiment}"')
        assert tomllib.loads(text[begin : text.index("Then run", begin)]) == record.run.spec
        assert f"logitbench run {record.run.experiment}.toml" in text
        for fact in (record.run.spec_sha256, record.run.dataset["sha256"], record.run.environment["tensorflow"]):
            assert fact in text
    assert report_command(real) in text


def test_nothing_is_fetched_and_the_policy_forbids_it(page: str) -> None:
    parsed = Page(page)
    for _, attributes in parsed.elements:
        assert not {"src", "srcset", "action", "style", "onload", "onclick"} & set(attributes)
        assert (attributes.get("href") or "#").startswith("#")
    policy = next(a["content"] for _, a in parsed.elements if a.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy
    rest = page.replace(parsed.script, "")
    assert re.findall(r"(?:https?:)?//\w[^\s\"'<]*", rest) == []


@pytest.mark.parametrize("text", [IMAGE, ENDS_SCRIPT, '"><b>', "'];alert(1)//", "{{ 7*7 }}", "\u2028"])
def test_a_hostile_text_is_text_wherever_it_stands(hostile: Hostile, text: str) -> None:
    harmless = Page(render_comparisons(everywhere(hostile, "harmless")))
    parsed = Page(render_comparisons(everywhere(hostile, text)))
    assert parsed.tags() == harmless.tags()
    assert parsed.text.count(figures.printable(text)) == harmless.text.count("harmless")
    assert parsed.script == harmless.script
    assert figures.printable(text) in parsed.data[0]["arms"]


def everywhere(hostile: Hostile, text: str) -> list[Comparison]:
    """A text as arm, experiment, run, warning, note, class, setting and environment."""
    found = hostile(text)
    run = found[0].run
    fields = dict(run) | {
        "dataset": {"sha256": text, "classes": [text], "notes": [text]},
        "spec": run.spec | {"data": {"source": text}},
        "environment": {text: text},
    }
    object.__setattr__(found[0], "runs", (RunRecord.model_construct(**fields),))
    object.__setattr__(found[0], "notes", (text,))
    return found


def test_no_text_commands_a_terminal_or_turns_the_line_around(hostile: Hostile) -> None:
    page = render_comparisons(everywhere(hostile, "\x1b[31mred\u202egpj.exe"))
    assert not {"\x1b", "\u202e"} & set(page)
    assert not {"\x1b", "\u202e"} & set(json.dumps(Page(page).data, ensure_ascii=False))


def test_json_in_the_page_cannot_end_its_element() -> None:
    text = str(embedded([ENDS_SCRIPT]))
    assert not {"<", ">"} & set(text)
    assert json.loads(text) == [ENDS_SCRIPT]


def test_a_script_in_the_page_cannot_end_its_element() -> None:
    assert inlined('a < b; "</SCRIPT>", "<!--", "<script>"') == 'a < b; "\\x3c/SCRIPT>", "\\x3c!--", "\\x3cscript>"'


def test_ten_arms_thirty_seeds_and_fifty_epochs_take_less_than_3_mb() -> None:
    page = render_comparisons(many(arms=10, seeds=30, epochs=50))
    assert 1_000_000 < len(page.encode()) < 3_000_000
    assert page.count("window.vegaEmbed=") == 1


def test_a_figure_has_six_digits_and_no_more() -> None:
    assert [chartdata.rounded(number) for number in (1 / 3, 123456.789, 1e-7 / 3, 2.0, 0.0)] == [
        0.333333,
        123457,
        3.33333e-08,
        2,
        0,
    ]
    assert chartdata.rounded(None) is chartdata.rounded(float("nan")) is chartdata.rounded(float("inf")) is None


def test_one_arm_alone_has_no_differences_and_no_split(tmp_path: Path) -> None:
    parsed = Page(render_comparisons(compare(trials(tmp_path, [[epoch("logits")]]))))
    assert [chart["name"] for chart in parsed.data[0]["charts"]] == [
        *(f"comparison-1-{metric}" for metric in DEFAULT_METRICS),
        "comparison-1-seeds",
    ]


def test_the_same_results_make_the_same_page(real: list[Comparison], page: str) -> None:
    assert render_comparisons(real) == page


@pytest.mark.parametrize(("module", "package"), [("jinja2", "jinja2"), ("vl_convert", "vl-convert-python")])
def test_without_a_package_it_is_named(
    real: list[Comparison], monkeypatch: pytest.MonkeyPatch, module: str, package: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(UsageError, match=f"page needs the package {package}, which is not installed") as caught:
        render_comparisons(real)
    assert caught.value.hint == "Run: pip install 'logitbench[report]'"


def test_arms_differ_in_more_than_their_colour() -> None:
    looks = marks.of_arms(f"arm-{number}" for number in range(20))
    assert len({(look.dash, look.shape) for look in looks}) == 20
    assert len({(look.number, look.shape) for look in looks}) == 20


@pytest.mark.parametrize(
    ("palette", "paper"), [(marks.LIGHT, "#ffffff"), (marks.DARK, "#16181b")], ids=["light", "dark"]
)
def test_every_colour_stands_out_from_the_page(palette: tuple[str, ...], paper: str) -> None:
    for colour in palette:
        lighter, darker = sorted((luminance(colour), luminance(paper)), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 has it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@needs_chromium
def test_the_charts_are_drawn_without_a_word_on_the_console(page: str, seen: Seen) -> None:
    assert seen.console == []
    assert 'data-charts="drawn"' in seen.dom[:1000]
    assert "vega-actions" not in seen.dom.rpartition('<script type="application/json"')[0]
    charts = sum(len(comparison["charts"]) for comparison in Page(page).data)
    drawn = re.findall(r'<div class="chart[^"]*" id="[^"]+"[^>]*>.{0,400}?<svg.*?</svg>', seen.dom, re.DOTALL)
    assert len(drawn) == charts
    assert all(chart.count("<path") > 4 for chart in drawn)


@needs_chromium
def test_the_charts_are_described_to_a_screen_reader(page: str, seen: Seen) -> None:
    for comparison in Page(page).data:
        for chart in comparison["charts"]:
            assert f'aria-label="{chart["spec"]["description"]}"' in seen.dom


@needs_chromium
def test_no_request_leaves_the_page(seen: Seen) -> None:
    assert seen.requests == []


@needs_chromium
def test_a_request_would_be_noticed(tmp_path: Path) -> None:
    assert opened("<img src='http://pictures.example/x.png'>", tmp_path).requests != []


@needs_chromium
def test_what_gets_into_the_page_in_spite_of_all_is_refused(page: str, tmp_path: Path) -> None:
    injected = "<img src='http://pictures.example/x.png'><script>document.title='broken'</script></main>"
    found = opened(page.replace("</main>", injected, 1), tmp_path)
    assert found.requests == []
    assert len([line for line in found.console if "Content Security Policy" in line]) == 2
    assert "<title>broken" not in found.dom


@needs_chromium
def test_one_seed_and_figures_that_are_not_finite_are_drawn_without_a_word(
    awkward: list[Comparison], tmp_path: Path
) -> None:
    rows = [epoch(arm, number, loss=None if arm == "raw" else 0.5) for number in (1, 2) for arm in ("logits", "raw")]
    for place, records in enumerate([awkward, compare(trials(tmp_path / "one", [rows]))]):
        folder = tmp_path / str(place)
        folder.mkdir()
        found = opened(render_comparisons(records), folder)
        assert found.console == []
        assert 'data-charts="drawn"' in found.dom[:1000]


@needs_chromium
def test_a_hostile_name_is_shown_as_text_and_not_acted_on(hostile: Hostile, tmp_path: Path) -> None:
    found = opened(render_comparisons(everywhere(hostile, IMAGE)), tmp_path)
    assert found.console == []
    assert "<img" not in re.sub(r"<script.*?</script>", "", found.dom, flags=re.DOTALL)
    assert re.search(r"<text[^>]*>&lt;img src=x on", found.dom)  # in the chart of seeds


@needs_chromium
def test_an_arm_is_switched_off_and_its_figures_are_told_at_the_pointer(page: str, tmp_path: Path) -> None:
    body, end = page.rsplit("</body>", 1)
    body = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", body)
    found = opened(f"{body}<script type='module'>{POINTER}</script></body>{end}", tmp_path)
    assert found.console == []
    tooltip = re.search(r'<div id="vg-tooltip-element"[^>]*>(.*?)</div>', found.dom, re.DOTALL)
    assert tooltip is not None
    assert tooltip[1].splitlines()[0].startswith("epoch ")
    assert [line.partition(":")[0] for line in tooltip[1].splitlines()[1:]] == ["logits", "probs", "probs-clipped"]
    assert re.findall(r'<figure data-only="(\d)"([^>]*)>', found.dom)[:3] == [("1", ""), ("2", ""), ("3", ' hidden=""')]
    assert "lines: 4 then 3" in found.dom


POINTER = """
const wait = () => new Promise((done) => setTimeout(done, 200));
while (document.documentElement.dataset.charts !== "drawn") await wait();
const chart = document.querySelector("#comparison-1-loss");
const lines = () => chart.querySelectorAll(".mark-line path").length;
const before = lines();
document.querySelectorAll("#comparison-1-arms input")[3].click();
await wait(); await wait();
document.title = `lines: ${before} then ${lines()}`;
chart.scrollIntoView();
await wait();
const box = chart.getBoundingClientRect();
const at = { clientX: box.left + box.width / 2, clientY: box.top + 80, bubbles: true };
const under = document.elementFromPoint(at.clientX, at.clientY);
for (const name of ["pointerover", "pointermove"]) under.dispatchEvent(new PointerEvent(name, at));
await wait();
"""


@needs_chromium
def test_nothing_is_wider_than_a_narrow_screen(page: str, tmp_path: Path) -> None:
    frame = f"""<iframe srcdoc="{html.escape(page)}" width="360" height="800"></iframe><script type="module">
    const wait = () => new Promise((done) => setTimeout(done, 200));
    const root = () => document.querySelector("iframe").contentDocument.documentElement;
    while (root()?.dataset.charts !== "drawn") await wait();
    document.title = `${{root().scrollWidth}} in ${{root().clientWidth}}`;
    </script>"""
    found = opened(frame, tmp_path)
    width, room = map(int, re.findall(r"<title>(\d+) in (\d+)", found.dom)[0])
    assert width <= room <= 360


def test_a_page_names_no_folder_of_the_machine_that_wrote_it() -> None:
    record = compare(store.read([ASSETS]).trials)[0]
    spec = {**record.run.spec, "data": {"source": "file", "path": "/home/ada/mail/spam.csv"}}
    dataset = {**record.run.dataset, "notes": ["The file is /home/ada/mail/spam.csv."]}
    environment = {**record.run.environment, "flags": "XLA_FLAGS=--xla_dump_to=/home/ada/my own/dump"}
    run = record.run.model_copy(update={"spec": spec, "dataset": dataset, "environment": environment})
    page = render_comparisons([dataclasses.replace(record, runs=(run,), warnings=("/home/ada/model.py warns",))])
    assert "/home/ada" not in page
    assert "my own" not in page
    assert "XLA_FLAGS=--xla_dump_to=dump" in page
    assert page.count("spam.csv") == 2
    assert "model.py warns" in page
