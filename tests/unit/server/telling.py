"""Simulations that tell what they are doing, and then wait like those of `gated`."""

from pathlib import Path

from ionworks.server.jobs.outcomes import OutcomeWriter
from tests.unit.server import gated


def simulate(payload):
    with OutcomeWriter(Path(payload["outcomes"])) as outcomes:
        outcomes.tell("building model")
        outcomes.tell("cycle 3 of 100, step 12", 0.0275)
    gated.simulate(payload)
