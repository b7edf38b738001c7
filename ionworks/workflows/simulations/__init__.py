"""Submitting, waiting for, listing and reading simulations."""
