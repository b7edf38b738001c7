"""The head of BioLogic settings files: instrument, safety limits and description of the cell."""

from __future__ import annotations

from collections.abc import Iterator

from ionworks.ucp.cyclers.export.biologic_sequences import Locale
from ionworks.ucp.cyclers.export.biologic_software import Software
from ionworks.ucp.cyclers.export.biologic_values import capacity_text
from ionworks.ucp.cyclers.export.decimals import decimal_text, fixed
from ionworks.ucp.cyclers.export.format import Settings
from ionworks.ucp.cyclers.plan import Plan


def head(plan: Plan, settings: Settings, count: int) -> Iterator[str]:
    """Yield the lines before the first technique.

    Parameters
    ----------
    plan : Plan
        The plan.
    settings : Settings
        Of the file.
    count : int
        Number of techniques.
    """
    software: Software = settings.options["software"]
    device = settings.options["device"]
    in_locale = Locale(settings.options["decimal_separator"])
    low, high = (in_locale(fixed(value, 2)) for value in settings.options["voltage_range"])
    yield "BT-LAB SETTING FILE" if software.is_bt_lab else "EC-LAB SETTING FILE"
    yield from ("", f"Number of linked techniques : {count}", "")
    if software.version is not None:
        yield f"BT-LAB for windows v{software.version} (software)"
        # As saved on a computer without a connection to an instrument.
        yield "Internet server v0.00 (firmware)"
        yield "Command interpretor v0.00 (firmware)"
        yield ""
    yield f"Filename : {settings.stem}.mps"
    yield ""
    if device is not None:
        yield f"Device : {device}"
    yield f"{software.potential} ctrl range : min = {low} V, max = {high} V"
    yield from _safety(plan, software, in_locale)
    yield from (_cell_of_bt_lab if software.is_bt_lab else _cell_of_ec_lab)(settings, in_locale)
    if software.is_bt_lab or count > 1:
        yield "Do not turn to OCV between techniques"


def _cell_of_ec_lab(settings: Settings, in_locale: Locale) -> Iterator[str]:
    yield f"Comments : {settings.stem}"
    if settings.nominal_capacity is not None:
        yield f"Battery capacity : {in_locale(capacity_text(settings.nominal_capacity))}"
    yield "Cycle Definition : Charge/Discharge alternance"


def _cell_of_bt_lab(settings: Settings, in_locale: Locale) -> Iterator[str]:
    yield from ("Electrode material : ", "Initial state : ", "Electrolyte : ")
    yield f"Comments : {settings.stem}"
    for line in (
        "Mass of active material : 0.001 mg",
        " at x = 0.000",
        "Molecular weight of active material (at x = 0) : 0.001 g/mol",
        "Atomic weight of intercalated ion : 0.001 g/mol",
        "Acquisition started at : xo = 0.000",
        "Number of e- transfered per intercalated ion : 1",
        "for DX = 1, DQ = 26.802 mA.h",
        f"Battery capacity : {capacity_text(settings.nominal_capacity)}",
        "Electrode surface area : 0.001 cm\u00b2",
        "Characteristic mass : 0.001 g",
    ):
        yield in_locale(line)
    if settings.options["software"].version is not None:
        yield in_locale("Volume (V) : 0.001 cm\u00b3")
    yield "Cycle Definition : Charge/Discharge alternance"


def _safety(plan: Plan, software: Software, in_locale: Locale) -> Iterator[str]:
    limits = {limit.key: limit.value for limit in plan.safety}
    lines = [
        f"\t{software.potential} {side} = {decimal_text(limits[f'voltage_{side}'], least=2)} V"
        for side in ("min", "max")
        if f"voltage_{side}" in limits
    ]
    if "charge_current_max" in limits:
        decimals = 3 if software.is_bt_lab else 1
        milliamperes = decimal_text(limits["charge_current_max"] * 1000, least=decimals)
        lines.append(f"\t|I| = {milliamperes} mA")
    if lines:
        lines.append("\tfor t > 100 ms")
    if "temperature_max" in limits:
        lines.append(
            f"\tTemperature max = {decimal_text(limits['temperature_max'], least=2)} \u00b0C"
        )
    if not software.is_bt_lab:
        lines.append("\tDo not start on E overload")
    if plan.safety or not software.is_bt_lab:
        yield "Safety Limits :"
        yield from map(in_locale, lines)
