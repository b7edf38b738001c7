"""Endurance of the engine: `make chaos` and `make soak`, see docs/reliability.md."""
