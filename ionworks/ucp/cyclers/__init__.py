"""Protocols as cyclers' files, and back."""
