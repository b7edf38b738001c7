"""The first import of a worker process: it puts off those that the engine hardly ever needs.

PyBaMM imports libraries that print equations, format code and make tables. Importing them takes as
long as importing the rest of PyBaMM.
"""

from ionworks.worker.deferred import defer

for _name in ("black", "numpy.f2py", "pandas", "sympy", "xarray"):
    defer(_name)
# The client of PyBaMM's telemetry, which the environment of a worker turns off.
defer("posthog", called=["Posthog"])
