"""The exception for what plain PyBaMM cannot say."""


class NoCounterpart(ValueError):
    """A part of a model or of a protocol that has no counterpart in a plain PyBaMM script.

    The message names the part and says what it depends on.
    """
