"""The versions of BioLogic's software whose settings files are written, and where they differ.

The rows of ``bt-lab`` are those of ``formationV1.mps`` of the project beep, those of ``ec-lab``
those of versions 11.5x and 11.6x, and those of ``bt-lab-1.81`` those of a public file that this
version saved, with six linked techniques and a limit of the temperature. All three kinds of file
link techniques and repeat them with the technique Loop.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import frozen


@frozen
class Software:
    """A version of the software.

    Attributes
    ----------
    key, title : str
        Value of the option ``software``, and the name in notes.
    potential : str
        Its word for the voltage of the cell.
    voltage_range : tuple of float
        Default of the voltage range [V].
    device : str or None
        Default of the instrument in the head of the file.
    version : str or None
        Version in the head of the file; None leaves the lines out.
    is_newer : bool
        Whether Modulo Bat has the rows of newer versions.
    blocks : int or None
        Number of blocks of limits and recordings; None writes as many as are used.
    has_previous : bool
        Whether limits have a row for a part of the charge before.
    current_limit : str
        Its word for a limit of the current.
    has_impedance, has_temperature : bool
        Whether public files show its techniques of impedance and its limit of the temperature.
    defaults : mapping of str to str
        Cells of Modulo Bat that are the same in every sequence.
    """

    key: str
    title: str
    potential: str
    voltage_range: tuple[float, float]
    device: str | None
    defaults: Mapping[str, str]
    version: str | None = None
    is_newer: bool = True
    blocks: int | None = None
    has_previous: bool = False
    current_limit: str = "I limit"
    has_impedance: bool = False
    has_temperature: bool = False

    @property
    def is_bt_lab(self) -> bool:
        """Return whether the software is BT-Lab, in any version."""
        return self.potential == "Ecell"


_NEWER: Final = {
    "current/potential": "current",
    **dict.fromkeys(("ctrl1_val", "ctrl2_val", "ctrl3_val", "ctrl4_val", "ctrl5_val"), "0.000"),
    "charge/discharge_1": "Charge",
    "Apply I/C_1": "I",
    "N1": "0.00",
    "ctrl_tM": "0",
}
_BT: Final = {"N": "1.00", "ctrl_Na": "1", "ctrl_corr": "1", "auto rest": "0", "Bandwidth": "4"}
_EC: Final = {"N": "0.00", "ctrl_Na": "2", "ctrl_corr": "0", "auto rest": "1", "Bandwidth": "5"}

BT_LAB: Final = Software(
    key="bt-lab",
    title="BT-Lab",
    potential="Ecell",
    voltage_range=(0.0, 9.0),
    device="BCS-815",
    defaults=_BT,
    is_newer=False,
    blocks=3,
    # It uses one word for all limits.
    current_limit="Q limit",
)
BT_LAB_181: Final = Software(
    key="bt-lab-1.81",
    title="BT-Lab 1.81",
    potential="Ecell",
    voltage_range=(0.0, 9.0),
    device="BCS-815",
    defaults={**_NEWER, **_BT},
    version="1.81",
    has_previous=True,
    has_temperature=True,
)
EC_LAB: Final = Software(
    key="ec-lab",
    title="EC-Lab",
    potential="Ewe",
    voltage_range=(0.0, 5.0),
    device=None,
    defaults={**_NEWER, **_EC},
    has_impedance=True,
)
SOFTWARE: Final = {software.key: software for software in (BT_LAB, BT_LAB_181, EC_LAB)}
