"""Immutable records that the resources return, made from the generated models."""
