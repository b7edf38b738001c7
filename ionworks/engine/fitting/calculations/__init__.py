"""The ``calculation`` elements: parameters that follow from others by algebra or from PyBaMM."""
