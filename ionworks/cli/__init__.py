"""The `ionworks` command: the client's methods for people and for shell scripts.

Importing it imports neither the client nor polars, so that help and completion are quick; commands
import what they need.
"""
