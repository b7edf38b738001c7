"""Notes on a submission: messages about inputs that are valid, but doubtful or without effect.

They reach the user in four places: Python warnings of the client, the reply to the submission, the
record of the simulation and its result. A note of the parameters of a run is added in
``Preparation.run``, one that concerns all runs of a submission in ``Preparation.notes``.
"""

from typing import Any, Literal

from attrs import frozen


@frozen
class Note:
    """A message for the user of a simulation.

    Attributes
    ----------
    category : "protocol" or "parameters"
        What it is about; the client's warning is a ``ProtocolWarning`` or a ``ParameterWarning``.
    message : str
        What was found, where, and what to do. The same message of several runs is shown once.
    """

    category: Literal["protocol", "parameters"]
    message: str

    def to_dict(self) -> dict[str, Any]:
        """Return the note in JSON types, as the contract has it."""
        return {"category": self.category, "message": self.message}
