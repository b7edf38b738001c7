"""Contract tests for any server that claims `openapi.yaml`: `make contract URL=... KEY=...`."""
