"""The resources of a client, one class per tag of the contract."""
