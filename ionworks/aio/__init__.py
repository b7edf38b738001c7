"""The asynchronous client: the synchronous one in threads, and waits that need none.

`client.py` and the modules in `resources/` are generated from the synchronous ones by
``python -m generator.asynchronous``.
"""
