"""Requests, replies and errors as the contract defines them."""
