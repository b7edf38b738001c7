"""Uploading measurements and reading them back."""
