"""The OpenAPI document against the service."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis.strategies import from_regex
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS

from omsmodem.intake import Limits
from tests.rest.conftest import Office, made

#: What the document calls a phone-number: its pattern has the form, and which of them can be dialled the gate knows.
schemathesis.openapi.format("phone-number", from_regex(r"\+4477009[0-9]{5}", fullmatch=True))
CHECKED = [CHECKS.get_one(name) for name in CHECKS.get_all_names()]
OPERATIONS = (
    "POST /api/v1/messages",
    "GET /api/v1/messages",
    "GET /api/v1/messages/{id}",
    "GET /api/v1/incoming",
    "GET /api/v1/status",
)


@pytest.fixture
def wide(tmp_path: Path) -> Iterator[Office]:
    """An office without limits that the document cannot know, with something to read."""
    limits = Limits(segments_per_text=255, recipients_per_message=1000)
    for office in made(tmp_path, limits, horizon=timedelta(days=365 * 7900)):
        office.send()
        office.receive("for dana")
        yield office


def operations(office: Office) -> dict[str, Any]:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", office.application)
    return {found.ok().label.replace(" ", " /api/v1", 1): found.ok() for found in schema.get_all_operations()}


def test_every_operation_is_tried(office: Office) -> None:
    """The list of this file is that of the document."""
    assert set(operations(office)) == set(OPERATIONS)


@pytest.mark.parametrize("mode", GenerationMode, ids=lambda mode: mode.value)
@pytest.mark.parametrize("label", OPERATIONS)
def test_the_service_does_what_its_document_says(wide: Office, label: str, mode: GenerationMode) -> None:
    """Whatever is made of the document, good or bad: a documented status, type and shape, and never a fault of ours.

    Every check that schemathesis has: also that what fits the document is accepted, and what does not is refused.
    """
    operation = operations(wide)[label]
    keys: set[str] = set()

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=25,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        database=None,
        derandomize=True,
    )
    def try_it(case: Any) -> None:
        key = (case.headers or {}).get("Idempotency-Key")
        assume(key is None or key not in keys)  # the same key with another body is refused, and should be
        keys.add(key)
        case.call_and_validate(checks=CHECKED, headers={"Authorization": f"Bearer {wide.token}"})

    try_it()


def test_the_document_is_for_everybody(office: Office) -> None:
    """It can be read without a token."""
    answer = office.ask("GET", "/openapi.json", token="")
    assert (answer.status, answer.json["openapi"]) == (200, "3.1.0")
