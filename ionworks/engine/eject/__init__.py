"""Runs as plain PyBaMM scripts, and the references of what they use."""
