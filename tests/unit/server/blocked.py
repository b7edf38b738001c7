"""A question to a worker that is answered when a test allows it."""

import threading

asked = threading.Semaphore(0)
gate = threading.Event()


def describe(_payload):
    asked.release()
    gate.wait()
    return {"variables": ["Voltage [V]"], "parameters": [], "notes": []}
