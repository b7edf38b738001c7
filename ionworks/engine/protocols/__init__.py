"""Protocols compiled into steps that a solver can run."""
