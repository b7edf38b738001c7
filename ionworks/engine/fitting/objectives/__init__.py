"""Objectives of a fit: each compares one measurement with one type of model output."""
