"""The optimizers of SciPy, cma and PINTS behind one interface.

Each is a function of a `Problem`, an initial point, options and a random generator that returns how
the search ended. The monitor of the problem keeps the best point.
"""
