"""Schemathesis generates valid and invalid requests for every operation of the contract.

Every reply must match the contract, and none may be a server error; 501, "not implemented", is
allowed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.config import (
    ChecksConfig,
    GenerationConfig,
    NotAServerErrorConfig,
    ProjectConfig,
    ProjectsConfig,
    SchemathesisConfig,
)
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.contract_validation import CONTRACT_FILE

if TYPE_CHECKING:
    from ionworks.server.app import LocalApp

EXAMPLES = 6
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
CONFIG = SchemathesisConfig(
    seed=2026,
    projects=ProjectsConfig(
        default=ProjectConfig(
            generation=GenerationConfig(
                deterministic=True, max_examples=EXAMPLES, database="none", no_shrink=True
            ),
            checks=ChecksConfig(
                not_a_server_error=NotAServerErrorConfig(
                    expected_statuses=["2xx", "3xx", "4xx", "501"]
                )
            ),
        )
    ),
)
schema = schemathesis.openapi.from_path(CONTRACT_FILE, config=CONFIG)


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,  # the speed of the machine is not tested
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
def test_the_engine_keeps_to_the_contract(case: schemathesis.Case, app: LocalApp) -> None:
    case.operation.app = app

    case.call_and_validate(checks=CHECKS)
