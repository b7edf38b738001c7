"""Handlers of the contract's operations: one module per tag, one function per operationId."""
