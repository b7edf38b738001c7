"""Checks of what users pass in, and its conversion to request bodies of the contract."""
