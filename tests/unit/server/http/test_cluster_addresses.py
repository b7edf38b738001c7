"""Addresses of Dask clusters."""

import pytest

from ionworks.server.http.cluster_addresses import checked_address


@pytest.mark.parametrize(
    "address", ["tls://host:8786", "tcp://127.0.0.1:8786", "tcp://[::1]:1", "tcp://localhost:1"]
)
def test_encrypted_addresses_and_those_of_this_machine_are_accepted(address):
    assert checked_address(address) == address


@pytest.mark.parametrize("address", ["tcp://host:8786", "tcp://10.0.0.1:8786", "tcp://0.0.0.0:1"])
def test_an_address_without_encryption_is_refused(address):
    with pytest.raises(ValueError, match="without encryption"):
        checked_address(address)


@pytest.mark.parametrize("address", ["host:8786", "tls://", "", "http://host", "ucx://host:1"])
def test_what_is_not_an_address_is_refused(address):
    with pytest.raises(ValueError, match="not the address of a Dask scheduler"):
        checked_address(address)
