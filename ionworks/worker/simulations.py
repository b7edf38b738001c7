"""Functions of a worker process: simulations and questions about models.

Only worker processes import this module; the server refers to its functions by name, see
`ionworks.server.jobs.targets`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ionworks import engine
from ionworks.server.jobs.outcomes import OutcomeWriter
from ionworks.server.store.blobs import Blobs
from ionworks.worker.packing import Packer


def simulate(payload: dict[str, Any]) -> int:
    """Run a chunk of simulations that share model and protocol.

    Parameters
    ----------
    payload
        ``model``, ``protocol``, ``extra_variables`` and ``max_backward_jumps`` of the
        submission, ``runs`` (id, experiment and design parameters), ``blobs`` (address of
        the results), ``owner`` (of the jobs) and ``outcomes`` (file to which a line is appended for
        each pack of runs).

    Returns
    -------
    int
        Number of runs that ended.
    """
    blobs = Blobs.at(payload["blobs"])
    ids = [run["id"] for run in payload["runs"]]
    ended = 0
    with OutcomeWriter(Path(payload["outcomes"])) as outcomes, engine.told_to(outcomes.tell):
        provenance = engine.provenance_of(payload["model"])
        packer = Packer(blobs, outcomes, payload["owner"], ids, provenance=provenance)
        try:
            for group in engine.simulate_groups(
                payload["model"],
                payload["protocol"],
                payload["runs"],
                extra_variables=payload["extra_variables"],
                max_backward_jumps=payload["max_backward_jumps"],
            ):
                packer.add(group)
                ended += len(group.ids)
        finally:
            packer.write()
    return ended


def describe(payload: dict[str, Any]) -> dict[str, Any]:
    """Return parameters, variables and limits of a model spec (key ``model``)."""
    return engine.describe(payload["model"])


def check(payload: dict[str, Any]) -> dict[str, Any]:
    """Return the ``problems`` of runs before any is computed, and the ``notes`` of each.

    A model that was never run is smoke-tested first; raises a ValueError if that fails.
    """
    if payload["smoke_test"]:
        engine.smoke_test(payload["model"])
    found = engine.review(
        payload["model"],
        payload["protocol"],
        payload["runs"],
        extra_variables=payload["extra_variables"],
        overrides=payload["overrides"],
    )
    # Runs of a sweep have the same notes: each is written once, so that the reply stays small.
    distinct = {id(of_run): of_run for of_run in found.notes}
    written = {note: note.to_dict() for of_run in distinct.values() for note in of_run}
    of_each = {key: [written[note] for note in of_run] for key, of_run in distinct.items()}
    notes = [of_each[id(of_run)] for of_run in found.notes]
    return {"problems": found.problems, "notes": notes}


def inspect_model(payload: dict[str, Any]) -> dict[str, Any]:
    """Return variables and parameters of a model spec (key ``model``) that needs no values."""
    return engine.inspect_model(payload["model"])


def smoke_test(payload: dict[str, Any]) -> None:
    """Build a model spec (key ``model``) and run it for three seconds; raises if that fails."""
    engine.smoke_test(payload["model"])


def parameter_values(payload: dict[str, Any]) -> dict[str, Any]:
    """Return all parameter values of a model spec (key ``model``) in the JSON of PyBaMM."""
    return engine.parameter_values(payload["model"])


def serialise(payload: dict[str, Any]) -> dict[str, Any]:
    """Return a PyBaMM model (``name``, ``options``) as a document."""
    return engine.serialise(payload["name"], payload["options"])


def script(payload: dict[str, Any]) -> dict[str, Any]:
    """Return a run as a plain PyBaMM ``script``, or what has no counterpart as ``unsupported``.

    Parameters
    ----------
    payload
        What `simulate` takes, with one run, and without its files.
    """
    [run] = payload["runs"]
    try:
        text = engine.script(
            payload["model"],
            payload["protocol"],
            run,
            extra_variables=payload["extra_variables"],
            max_backward_jumps=payload["max_backward_jumps"],
        )
    except engine.NoCounterpart as error:
        return {"unsupported": str(error)}
    return {"script": text}


def citations(payload: dict[str, Any]) -> str:
    """Return the references of a model spec (key ``model``) in BibTeX."""
    return engine.citations(payload["model"])
