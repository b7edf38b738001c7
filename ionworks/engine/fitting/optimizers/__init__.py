"""The searches: SciPy's, cma's and PINTS', behind one seam.

Each is a function that takes a `Problem`, a start, its options and a random generator, and says how
it ended; what it found, the problem's monitor has kept.
"""
