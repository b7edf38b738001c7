"""Minimal BioLogic settings files, written without our exporter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ionworks import ucp

Rows = Mapping[str, Any]

_MEASURING: Final = {"E range min (V)": "0.000", "E range max (V)": "5.000", "Bandwidth": "5"}
OCV: Final = {
    "tR (h:m:s)": "0:10:0.0000",
    "dER/dt (mV/h)": "0.0",
    "record": "Ewe",
    "dER (mV)": "5.00",
    "dtR (s)": "10.0000",
    **_MEASURING,
}
CP: Final = {
    "Is": "20.000",
    "unit Is": "mA",
    "vs.": "<None>",
    "ts (h:m:s)": "0:02:0.0000",
    "EM (V)": "pass",
    "dQM": "0.000",
    "unit dQM": "mA.h",
    "record": "<Ewe>",
    "dEs (mV)": "0.00",
    "dts (s)": "0.5000",
    **_MEASURING,
    "goto Ns'": "0",
    "nc cycles": "0",
}
CA: Final = {
    "Ei (V)": "4.100",
    "vs.": "Ref",
    "ti (h:m:s)": "0:15:0.0000",
    "Imax": "pass",
    "unit Imax": "mA",
    "Imin": "pass",
    "unit Imin": "mA",
    "dQM": "0.000",
    "unit dQM": "mA.h",
    "record": "I",
    "dI": "5.000",
    "unit dI": "\u00b5A",
    "dQ": "0.000",
    "unit dQ": "mA.h",
    "dt (s)": "0.1000",
    "dta (s)": "1.0000",
    **_MEASURING,
    "goto Ns'": "0",
    "nc cycles": "0",
}
_SWEEP: Final = {
    "record": "0",
    "dt (s)": "0.000",
    "fi": "200.000",
    "unit fi": "kHz",
    "ff": "100.000",
    "unit ff": "mHz",
    "Nd": "6",
    "Points": "per decade",
    "spacing": "Logarithmic",
    "pw": "0.10",
    "Na": "2",
    "corr": "0",
    **_MEASURING,
    "nc cycles": "0",
    "goto Ns'": "0",
    "nr cycles": "0",
    "inc. cycle": "0",
}
PEIS: Final = {
    "Mode": "Single sine",
    "E (V)": "0.0000",
    "vs.": "Eoc",
    "tE (h:m:s)": "0:00:0.0000",
    "dI": "0.000",
    "unit dI": "mA",
    "Va (mV)": "10.0",
    **_SWEEP,
}
GEIS: Final = {
    "Mode": "Single sine",
    "Is": "0.000",
    "unit Is": "mA",
    "vs.": "<None>",
    "tIs (h:m:s)": "0:00:0.0000",
    "dE (mV)": "0.000",
    "Ia/Va": "Ia",
    "Ia": "30.000",
    "unit  Ia": "\u00b5A",
    "va pourcent": "0.10",
    **_SWEEP,
}
GCPL: Final = {
    "Set I/C": "I",
    "Is": "100.000",
    "unit Is": "mA",
    "vs.": "<None>",
    "N": "1.00",
    "I sign": "> 0",
    "t1 (h:m:s)": "10:00:0.0000",
    "I Range": "1 A",
    "dE1 (mV)": "5.00",
    "dt1 (s)": "30.0000",
    "EM (V)": "4.200",
    "tM (h:m:s)": "0:00:0.0000",
    "Im": "0.000",
    "unit Im": "mA",
    "dI/dt": "0.000",
    "dunit dI/dt": "mA/s",
    **_MEASURING,
    "dq": "1.000",
    "unit dq": "A.h",
    "dtq (s)": "120.0000",
    "dQM": "0.000",
    "unit dQM": "mA.h",
    "dxM": "0.000",
    "delta SoC (%)": "pass",
    "tR (h:m:s)": "0:00:0.0000",
    "dER/dt (mV/h)": "0.1",
    "dER (mV)": "5.00",
    "dtR (s)": "60.0000",
    "EL (V)": "pass",
    "goto Ns'": "0",
    "nc cycles": "0",
}
MODULO_BAT: Final = {
    "ctrl_type": "CC",
    "Apply I/C": "I",
    "current/potential": "current",
    "ctrl1_val": "100.000",
    "ctrl1_val_unit": "mA",
    "ctrl1_val_vs": "<None>",
    "ctrl2_val": "0.000",
    "ctrl2_val_unit": "",
    "ctrl3_val": "0.000",
    "ctrl3_val_unit": "",
    "N": "1.00",
    "charge/discharge": "Charge",
    "Apply I/C_1": "I",
    "ctrl4_val": "0.000",
    "ctrl4_val_unit": "mA/s",
    "ctrl5_val": "0.000",
    "ctrl5_val_unit": "s",
    "ctrl_tM": "0",
    "ctrl_seq": "0",
    "ctrl_repeat": "0",
    "ctrl_Nd": "6",
    "lim_nb": "1",
    "lim1_type": "Ecell",
    "lim1_comp": ">",
    "lim1_Q": "Q limit",
    "lim1_value": "4.200",
    "lim1_value_unit": "V",
    "lim1_action": "Next sequence",
    "lim1_seq": "",
    "rec_nb": "0",
    "I Range": "1 A",
    "Bandwidth": "4",
}
NAMES: Final = {
    "OCV": "Open Circuit Voltage",
    "CP": "Chronopotentiometry",
    "CA": "Chronoamperometry / Chronocoulometry",
    "PEIS": "Potentio Electrochemical Impedance Spectroscopy",
    "GEIS": "Galvano Electrochemical Impedance Spectroscopy",
    "GCPL": "Galvanostatic Cycling with Potential Limitation",
}
LOOP: Final = {"goto Ne": "1", "nt times": "1"}


def table(*sequences: Rows) -> str:
    """Return rows of 20 characters for each cell; one sequence has no row ``Ns``."""
    rows = {label: [each[label] for each in sequences] for label in sequences[0]}
    if len(sequences) > 1:
        rows = {"Ns": [str(number) for number in range(len(sequences))], **rows}
    return "\r\n".join(
        "".join(f"{cell:<20}" for cell in (label, *cells)) for label, cells in rows.items()
    )


def settings(*techniques: tuple[str, str], head: str = "", kind: str = "EC-LAB") -> bytes:
    """Return a settings file of techniques, each a short or full name and its rows."""
    parts = [
        f"{kind} SETTING FILE",
        f"Number of linked techniques : {len(techniques)}",
        f"Filename : C:\\test.mps\r\n\r\nDevice : VMP3{head}",
        *(
            f"Technique : {number}\r\n{NAMES.get(name, name)}\r\n{rows}"
            for number, (name, rows) in enumerate(techniques, 1)
        ),
        "",
    ]
    return "\r\n\r\n".join(parts).encode("cp1252")


def described(protocol: ucp.Protocol) -> list[str]:
    """Return the steps of a protocol in a short form, blocks with their repeats."""
    found = []
    for item in protocol.steps:
        match item:
            case ucp.Block():
                inner = described(ucp.Protocol(item.items))
                found.append(f"{item.repeat} x ({'; '.join(inner)})")
            case ucp.Marker():
                found.append(item.kind)
            case ucp.Leaf() if item.kind != "Control":
                level = f" {item.mode} {item.value}" if item.value else ""
                time = f" for {item.duration}" if item.duration else ""
                ends = " or ".join(
                    f"{end}{f' goto {end.goto}' if end.goto else ''}" for end in item.ends
                )
                found.append(f"{item.kind}{level}{time}{f' until {ends}' if ends else ''}")
    return found


def steps(*techniques: tuple[str, str], partial: bool = False) -> list[str]:
    """Return the steps that a settings file is read as."""
    return described(ucp.parse_file(settings(*techniques), partial=partial).protocol)
