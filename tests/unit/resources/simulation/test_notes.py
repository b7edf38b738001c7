"""Notes of the service on a submission: Python warnings, and fields of records and results."""

from __future__ import annotations

import warnings
from typing import Any

import httpx
import pytest

from ionworks import Ionworks
from ionworks.errors import ParameterWarning, ProtocolWarning
from tests.unit.resources.simulation.simulation_service import CONFIG, Service

HOT = {"category": "protocol", "message": "global.temperature: 298.15 degC is very hot"}
THIN = {"category": "parameters", "message": "the thickness has no effect"}


def replies(service: Service, *notes: Any) -> None:
    """Have the service answer a submission with one run for each list of notes."""
    runs = [
        {"simulation_id": f"s{n}", "job_id": f"j{n}", "notes": of_run}
        for n, of_run in enumerate(notes)
    ]
    service.replies["/simulations/with-template/batch"] = lambda _: httpx.Response(201, json=runs)


def test_a_note_is_a_warning_of_its_category_at_the_users_line(
    client: Ionworks, service: Service
) -> None:
    replies(service, [HOT, THIN])

    with pytest.warns() as issued:
        response = client.simulation.protocol(CONFIG)

    assert [(each.category, str(each.message)) for each in issued] == [
        (ProtocolWarning, HOT["message"]),
        (ParameterWarning, THIN["message"]),
    ]
    assert {each.filename for each in issued} == {__file__}
    assert response.notes == [HOT["message"], THIN["message"]]


def test_a_message_of_a_thousand_runs_is_one_warning(client: Ionworks, service: Service) -> None:
    replies(service, *[[HOT]] * 1000)

    with pytest.warns(ProtocolWarning) as issued:
        responses = client.simulation.protocol_batch(CONFIG)

    assert len(issued) == 1
    assert [response.notes for response in responses] == [[HOT["message"]]] * 1000


@pytest.mark.parametrize(("count", "more"), [(1000, "990 more warnings;"), (11, "1 more warning;")])
def test_many_messages_are_ten_warnings_and_a_count(
    client: Ionworks, service: Service, count: int, more: str
) -> None:
    replies(service, *[[HOT | {"message": f"{n} degC is very hot"}] for n in range(count)])

    with pytest.warns(ProtocolWarning) as issued:
        client.simulation.protocol_batch(CONFIG)

    assert len(issued) == 11
    assert str(issued[-1].message).startswith(more)


@pytest.mark.parametrize("notes", [None, []])
def test_a_service_without_notes_causes_no_warning(
    client: Ionworks, service: Service, notes: Any
) -> None:
    replies(service, notes)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        response = client.simulation.protocol(CONFIG)

    assert response.notes == notes


def test_a_record_has_the_messages_of_its_notes(client: Ionworks, service: Service) -> None:
    service.add("noted", notes=[HOT, {"category": "run", "message": "a pause takes no time"}])
    service.add("plain")

    assert client.simulation.get("noted").notes == [HOT["message"], "a pause takes no time"]
    assert client.simulation.get("plain").notes is None
