"""Sequences of generated requests that use what earlier replies contained: `make fuzz CASES=...`.

Schemathesis infers from the contract which values of a reply other operations take. Few generated
bodies are valid, because the contract does not express everything; so half of the requests have a
body of the contract's examples, and most ids are those of records that the server has named.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.errors import Flaky, FlakyStrategyDefinition
from schemathesis import Case
from schemathesis.core.failures import FailureGroup
from schemathesis.core.transport import Response
from schemathesis.generation.stateful.state_machine import APIStateMachine

from tests.conftest import SERVED_KEY, serve
from tests.contract_validation import load_contract
from tests.end_to_end.conformance.fuzzing import CHECKS, SCHEMA

log = logging.getLogger(__name__)

#: Requests of one sequence.
STEPS = 8
#: Names of ids -> the tag of the operations whose records have them.
_TAGS = {
    "experiment_template_id": "protocol",
    "template_id": "protocol",
    "measurement_id": "cell_measurement",
    "parameterized_model": "parameterized_model",
}
#: Most ids of a tag that are used again, the newest ones.
_REMEMBERED = 20


#: Requests between two lines of progress.
_NEWS = 500
_SETTINGS = settings(
    max_examples=25,
    stateful_step_count=STEPS,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


class Findings:
    """What a run of sequences has met.

    Parameters
    ----------
    seed
        Of the choice of bodies and ids.
    """

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 chooses requests, not a secret
        #: (operationId, status) -> number of replies.
        self.statuses: Counter[tuple[str, int]] = Counter()
        #: One paragraph for each break of the contract, with a curl command.
        self.breaks: dict[str, str] = {}
        self._ids: defaultdict[str, list[str]] = defaultdict(list)

    @property
    def cases(self) -> int:
        """Number of requests."""
        return self.statuses.total()

    def remember(self, tag: str, content: Any) -> None:
        """Remember the ids of the records in a reply."""
        if isinstance(content, list):
            for item in content[:_REMEMBERED]:
                self.remember(tag, item)
        elif isinstance(content, Mapping):
            if isinstance(identifier := content.get("id"), str):
                self._ids[tag] = [*self._ids[tag], identifier][-_REMEMBERED:]
            for key, value in content.items():
                if _is_id(key) and isinstance(value, str):
                    self._ids[_tag(key)].append(value)
                elif key in {"items", "simulations", "measurement", "uploads"}:
                    self.remember(tag, value)

    def known(self, name: str, value: Any) -> Any:
        """Return an id that the server knows for a field, or else the given value."""
        known = self._ids[_tag(name)]
        if not known or self.random.random() < 0.1:
            return value
        return self.random.choice(known[-_REMEMBERED:])

    def filled(self, value: Any, name: str = "") -> Any:
        """Return an example whose ids are those of known records."""
        if isinstance(value, Mapping):
            return {key: self.filled(item, key) for key, item in value.items()}
        if isinstance(value, list):
            return [self.filled(item, name.removesuffix("s")) for item in value]
        if isinstance(value, str) and _is_id(name):
            return self.known(name, value)
        if name == "name" and isinstance(value, str):
            return f"{value} {self.random.randrange(10**6)}"
        return value


def _is_id(name: str) -> bool:
    return name.endswith("_id") or name in _TAGS


def _tag(name: str) -> str:
    return _TAGS.get(name, name.removesuffix("_id"))


def _examples(body: Mapping[str, Any]) -> list[Any]:
    """Return the example bodies of an operation."""
    contract = load_contract()
    media = contract.resolve(body).get("content", {}).get("application/json", {})
    several = [contract.resolve(each)["value"] for each in media.get("examples", {}).values()]
    return [media["example"]] if "example" in media else several


def machine(findings: Findings, **options: Any) -> type[APIStateMachine]:
    """Return a state machine of the contract.

    Parameters
    ----------
    findings
        Where it notes what it meets; a break of the contract does not end it.
    **options
        Arguments of each call, such as ``base_url`` and ``headers``.
    """
    operations = {each.operation_id: each.document for each in load_contract().operations}
    examples = {
        name: _examples(document["requestBody"])
        for name, document in operations.items()
        if "requestBody" in document
    }

    class Sequence(SCHEMA.as_state_machine()):  # type: ignore[misc]
        def before_call(self, case: Case[Any]) -> None:
            name = case.operation.definition.raw["operationId"]
            if examples.get(name) and findings.random.random() < 0.5:
                case.body = findings.filled(findings.random.choice(examples[name]))
            for parameters in (case.path_parameters, case.query):
                for key in parameters or {}:
                    if _is_id(key):
                        parameters[key] = findings.known(key, parameters[key])

        def get_call_kwargs(self, _case: Case[Any]) -> dict[str, Any]:
            return options

        def validate_response(self, response: Response, case: Case[Any], **_options: Any) -> None:
            name = case.operation.definition.raw["operationId"]
            findings.statuses[name, response.status_code] += 1
            try:
                case.validate_response(response, checks=CHECKS)
            except FailureGroup as failures:
                # The same fault of an operation is noted once.
                fault = f"{name} {response.status_code} {failures.exceptions[0]!r:.60}"
                findings.breaks.setdefault(fault, str(failures))
            if (
                response.status_code < 300
                and "json" in response.headers.get("content-type", [""])[0]
            ):
                findings.remember(operations[name]["tags"][0], response.json())

    return Sequence


def run(findings: Findings, cases: int, url: str) -> None:
    """Send at least so many requests to an engine with the key of the tests."""
    # The first questions wait until a worker has started.
    sequence = machine(findings, base_url=url, headers={"X-API-Key": SERVED_KEY}, timeout=300)
    while findings.cases < cases:
        before = findings.cases
        number = findings.random.getrandbits(32)
        sequence.rule_order_seed = number
        # The state of the server depends on what was sent before, which Hypothesis calls flaky.
        with contextlib.suppress(Flaky, FlakyStrategyDefinition):
            seed(number)(sequence).run(settings=_SETTINGS)
        if findings.cases == before:
            raise RuntimeError("no request was sent")
        if findings.cases // _NEWS > before // _NEWS:
            log.info("%d requests, %d breaks", findings.cases, len(findings.breaks))


def main() -> int:
    """Test a new server and print the breaks of the contract."""
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__.partition("\n")[0])
    parser.add_argument("--cases", type=int, default=1000, help="number of requests")
    parser.add_argument("--seed", type=int, default=2026)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    findings = Findings(arguments.seed)
    with TemporaryDirectory() as folder, serve(Path(folder)) as url:
        run(findings, arguments.cases, url)
    sys.stdout.write(f"{report(findings)}\n")
    return 1 if findings.breaks else 0


def report(findings: Findings) -> str:
    """Format the number of requests, the operations that succeeded, and the breaks."""
    succeeded = {name for name, status in findings.statuses if status < 400}
    tested = {name for name, _status in findings.statuses}
    by_status: Counter[int] = Counter()
    for (_name, status), count in findings.statuses.items():
        by_status[status] += count
    counts = ", ".join(f"{count} with {status}" for status, count in sorted(by_status.items()))
    lines = [
        f"{findings.cases} requests to {len(tested)} operations; {len(succeeded)} succeeded",
        f"replies: {counts}",
        *(f"\n{text}" for text in findings.breaks.values()),
        f"\n{len(findings.breaks)} breaks of the contract",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
