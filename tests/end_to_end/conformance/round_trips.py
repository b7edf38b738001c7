"""Create, update and delete a record of any kind, and check each reply."""

from __future__ import annotations

from typing import Any

from tests.end_to_end.conformance.probe import Probe

CREATED = (200, 201)
DELETED = (200, 204)


def create(
    probe: Probe, operation_id: str, body: dict[str, Any], path: dict[str, str]
) -> str | None:
    """Create a record; returns its id, or None if the server did not create it."""
    response = probe.ask(operation_id, json=body, path=path, expect=CREATED)
    return str(response.json()["id"]) if response.status_code in CREATED else None


def change(probe: Probe, noun: str, path: dict[str, str], fields: dict[str, str]) -> None:
    """Update a record and check that it has changed."""
    probe.ask(f"get_{noun}", path=path)
    probe.ask(f"update_{noun}", path=path, json=fields)
    after = probe.ask(f"get_{noun}", path=path)
    if after.status_code == 200:
        kept = fields.items() <= after.json().items()
        probe.claim(f"update_{noun}", kept, f"{fields} is not in {after.text[:300]}")


def delete(probe: Probe, noun: str, path: dict[str, str]) -> None:
    """Delete a record and check that it is gone."""
    deleted = probe.ask(f"delete_{noun}", path=path, expect=DELETED)
    if deleted.status_code in DELETED:
        probe.ask(f"get_{noun}", path=path, expect={404})
