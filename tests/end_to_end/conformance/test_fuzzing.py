"""Schemathesis generates valid and invalid requests for every operation of the contract.

Every reply must match the contract, and none may be a server error; 501, "not implemented", is
allowed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import schemathesis
from hypothesis import HealthCheck, settings

from ionworks_api_client.api import OPERATIONS
from tests.end_to_end.conformance.fuzzing import CHECKS, EXAMPLES, SCHEMA

if TYPE_CHECKING:
    from ionworks.server.app import LocalApp


def fuzzing_test(operation_id: str) -> Callable[..., None]:
    """Return the test of one operation.

    `SCHEMA.parametrize()` alone gives the tests of all operations the same id under pytest 9.2.
    """

    @SCHEMA.include(operation_id=operation_id).parametrize()
    @settings(
        max_examples=EXAMPLES,
        deadline=None,  # the speed of the machine is not tested
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
    def keeps_to_the_contract(case: schemathesis.Case, app: LocalApp) -> None:
        case.operation.app = app

        case.call_and_validate(checks=CHECKS)

    return keeps_to_the_contract


globals().update(
    {f"test_{operation_id}": fuzzing_test(operation_id) for operation_id in OPERATIONS}
)
