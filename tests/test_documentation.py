"""The documentation keeps up with the schema."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from omsmodem import blueprint
from omsmodem.config import Config, keys, load
from omsmodem.config.reference import example, reference
from omsmodem.config.schema import section_of
from omsmodem.facts import CertificateFacts, Condition, DayFacts, Facts, ModemFacts
from omsmodem.health import BLOCKED
from omsmodem.message import State
from omsmodem.metrics.exposition import exposition

ROOT = Path(__file__).parent.parent
NOW = datetime(2026, 11, 23, 7, 20, tzinfo=UTC)


def test_every_key_says_why_one_would_change_it() -> None:
    """The schema is the reference, so no key of it is without a sentence."""
    assert len(list(keys())) > 30
    for section in (section_of(info.annotation) for info in Config.model_fields.values()):
        assert section is not None
        assert section.__doc__
        assert all(info.description for info in section.model_fields.values())


def test_the_architecture_is_that_of_the_source() -> None:
    """Rooms, states and kill points are what `make docs` writes today."""
    page = (ROOT / blueprint.PAGE).read_text(encoding="utf-8")
    assert blueprint.draw(page) == page, "run `make docs`"
    assert page.count("<!-- end -->") == 5


@pytest.mark.parametrize(("path", "text"), [("config.example.yaml", example()), ("docs/configuration.md", reference())])
def test_the_documents_are_those_of_the_schema(path: str, text: str) -> None:
    """Example and reference are what `make docs` writes today."""
    assert (ROOT / path).read_text(encoding="utf-8") == text


def test_the_example_shows_the_defaults() -> None:
    """The example is a valid configuration and, but for the keys without a default, the default one."""
    loaded = load(ROOT / "config.example.yaml")
    bare = Config.model_validate({"service": {"uri": loaded.service.uri}})
    for name in Config.model_fields:
        if name not in (
            "tls",
            "storage",
            "modems",
            "backup",
            "webhooks",
        ):  # paths are absolute after loading, a modem needs a device
            assert getattr(loaded, name) == getattr(bare, name)


def test_the_operators_page_has_every_alarm_and_every_state() -> None:
    """Whatever a person may see has a line that says what to do."""
    page = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "omsmodem/health").glob("*.py"))
    rules = set(re.findall(r'Finding\("([a-z-]+)"', source)) | {rule for rule, _, _ in BLOCKED.values()}
    rules |= set(re.findall(r'_expiry\("([a-z-]+)"', source)) | {"modem-blocked"}
    assert len(rules) > 20
    assert {rule for rule in rules if f"| `{rule}` |" not in page} == set()
    assert {state for state in State if f"| {state} |" not in page} == set()


def test_every_complaint_has_tests_named_after_it() -> None:
    """Each row of docs/complaints.md, and no test of a complaint that is not there."""
    page = (ROOT / "docs/complaints.md").read_text(encoding="utf-8")
    rows = {int(number) for number in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)}
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")]
    tested = {int(number) for source in sources for number in re.findall(r"def test_pain_(\d\d)_", source)}
    assert rows == tested == set(range(1, 31))


def test_dashboard_and_alerts_ask_for_numbers_that_exist() -> None:
    """No panel stays empty because a name was mistyped."""
    condition = Condition(
        Facts(
            now=NOW,
            started_at=NOW,
            modems=(ModemFacts("front", "ready", signal_dbm=-73, seconds_per_segment=4.0),),
            certificate=CertificateFacts(not_after=NOW),
            newest_backup=NOW,
        ),
        [],
    )
    known = set(re.findall(r"(?m)^(omsmodem_[a-z_]+)", exposition(condition, lambda _since: DayFacts()).decode()))
    known.add("omsmodem_finding")
    for name in ("dashboard.json", "alerts.yaml"):
        asked = set(re.findall(r"omsmodem_[a-z_]+", (ROOT / "docs/grafana" / name).read_text(encoding="utf-8")))
        assert asked <= known, asked - known
    assert json.loads((ROOT / "docs/grafana/dashboard.json").read_text(encoding="utf-8"))["title"] == "omsmodem"
