"""Simulations from specification to results."""
