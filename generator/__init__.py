"""From ``openapi.yaml`` to the client in ``generated/``."""
