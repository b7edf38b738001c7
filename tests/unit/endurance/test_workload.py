"""Which errors of a request may happen during a fault, and which are findings."""

import httpx
import pytest

from ionworks import Ionworks
from tests.endurance.ledger import Ledger
from tests.endurance.workload import Workload


@pytest.mark.off_contract("errors without a body, as gateways send them")
@pytest.mark.parametrize("recipe", ["conversion", "upload"])
@pytest.mark.parametrize(("status", "findings"), [(500, 1), (503, 0), (507, 0)])
def test_an_internal_error_of_the_server_is_a_finding(recipe, status, findings):
    service = httpx.MockTransport(lambda _: httpx.Response(status))
    options = {"api_key": "a", "project_id": "default", "max_retries": 0}
    with Ionworks(api_url="http://engine", transport=service, **options) as client:
        ledger = Ledger()
        assert not Workload(client, ledger, "a", 1).step(recipe)

    assert len(ledger.take_findings()) == findings
    assert ledger.errors == ({} if findings else {f"ServerError {status}": 1})
