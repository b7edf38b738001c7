"""Reading the settings of Maccor's impedance sweeps, ``.FRA``."""

from __future__ import annotations

from configparser import ConfigParser, Error
from typing import Final

from ionworks.ucp.cyclers.plan import Impedance, Level
from ionworks.ucp.cyclers.read.numbers import finite
from ionworks.ucp.cyclers.read.refusals import Unreadable

# Two public files have these values, ``BG_EIS_5mV_BaselineCycle.FRA`` and
# ``BG_EIS_10mV_Pot_DQ1.FRA`` of the project battetl. Their names tell that the mode is
# potentiostatic and that their amplitudes of 5 and 10 are in mV. A potential of 0 can only be
# relative to that of the cell, which has 3 V or more in the procedure that calls them.
_FIXED: Final = {
    "General.FRAType": "3",
    "Setup.Mode": "0",
    "Setup.MeasDelay": "0",
    "Setup.Potential": "0",
    "Setup.PotentialVs": "-1",
}
_NO_EFFECT: Final = (
    "General.Comment",
    "Setup.DataQuality",
    "Setup.Range",
    "Setup.BandWidth",
    "Limits.Current",
)
"""Settings of the analyzer, which an impedance sweep of UCP does not have."""

_SWEEP: Final = ("Sweep.Amplitude", "Sweep.InitFreq", "Sweep.EndFreq", "Sweep.StepPerDec")


def read_impedance(name: str, content: bytes) -> tuple[Impedance, str]:
    """Return an impedance sweep, and a note of the settings that were left out.

    Raises
    ------
    Unreadable
        If the file has another layout, other settings, or a kind of sweep whose meaning no public
        file shows.
    """
    fields = _fields(name, content)
    for field, value in _FIXED.items():
        if fields.pop(field, None) != value:
            raise Unreadable(f"in {name}.FRA only {field}={value} is understood")
    given = {field: fields.pop(field, "") for field in _NO_EFFECT}
    sweep = [finite(fields.pop(field, ""), f"{field} of {name}.FRA:") for field in _SWEEP]
    if fields:
        raise Unreadable(f"{name}.FRA has unknown settings: {', '.join(fields)}")
    if min(sweep) <= 0:
        raise Unreadable(f"in {name}.FRA amplitude, frequencies and steps must be above 0")
    millivolts, first, last, points = sweep
    low, high = sorted((first, last))
    left_out = ", ".join(f"{field}={value}" for field, value in given.items() if value)
    return (
        Impedance(
            Level(millivolts / 1000, "V"),
            min_frequency=low,
            max_frequency=high,
            points_per_decade=points,
        ),
        f"settings of the impedance analyzer in {name}.FRA were left out: {left_out}",
    )


class _Settings(ConfigParser):
    def optionxform(self, optionstr: str) -> str:
        """Keep upper case, which the names in messages have as well."""
        return optionstr


def _fields(name: str, content: bytes) -> dict[str, str]:
    parser = _Settings(interpolation=None)
    try:
        parser.read_string(content.decode("ascii"))
    except (Error, UnicodeDecodeError) as error:
        raise Unreadable(f"{name}.FRA is not a table of settings in ASCII") from error
    return {
        f"{section}.{key}": value
        for section in parser.sections()
        for key, value in parser[section].items()
    }
