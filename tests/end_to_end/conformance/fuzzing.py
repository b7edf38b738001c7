"""How schemathesis checks a server: its settings, and what every reply must hold."""

from __future__ import annotations

import schemathesis
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
                deterministic=True,
                max_examples=EXAMPLES,
                database="none",
                no_shrink=True,
                # The server would refuse most requests for their made-up keys.
                with_security_parameters=False,
            ),
            checks=ChecksConfig(
                not_a_server_error=NotAServerErrorConfig(
                    expected_statuses=["2xx", "3xx", "4xx", "501"]
                )
            ),
        )
    ),
)
SCHEMA = schemathesis.openapi.from_path(CONTRACT_FILE, config=CONFIG)
