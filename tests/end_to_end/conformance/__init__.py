"""Tests of any server against `openapi.yaml`: `make contract URL=... KEY=...`."""
