"""The OpenAPI document against the service."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS

from omsmodem.intake import Limits
from tests.rest.conftest import Office, made

#: A number of the right shape may still be none, so what fits the document need not be accepted.
LEFT_OUT = {"positive_data_acceptance"}
#: Of a query, what is wrong may be an empty list, which leaves nothing wrong in the address; test_messages has bad ones.
LEFT_OUT_OF_QUERIES = {"negative_data_rejection"}
OPERATIONS = (
    "POST /api/v1/messages",
    "GET /api/v1/messages",
    "GET /api/v1/messages/{id}",
    "GET /api/v1/incoming",
    "GET /api/v1/status",
)


@pytest.fixture
def wide(tmp_path: Path) -> Iterator[Office]:
    """An office without quotas, with something to read."""
    for office in made(tmp_path, Limits()):
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
    """Whatever is made of the document, good or bad: a documented status, type and shape, and never a fault of ours."""
    operation = operations(wide)[label]
    left_out = LEFT_OUT | (LEFT_OUT_OF_QUERIES if label.startswith("GET") else set())
    checks = [CHECKS.get_one(name) for name in CHECKS.get_all_names() if name not in left_out]

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
        case.call_and_validate(checks=checks, headers={"Authorization": f"Bearer {wide.token}"})

    try_it()


def test_the_document_is_for_everybody(office: Office) -> None:
    """It can be read without a token."""
    answer = office.ask("GET", "/openapi.json", token="")
    assert (answer.status, answer.json["openapi"]) == (200, "3.1.0")
