"""Files of BioLogic with several techniques, judged by their text.

The rows and words of the techniques are those that EC-Lab 11.46 to 11.61 saved in public files and
in the heads of public data, whose licences do not allow copying them here.
"""

from __future__ import annotations

import re
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ionworks import ucp
from tests.unit.ucp.cyclers.export.emulators import EMULATORS

SOFTWARE: Final = ("bt-lab", "bt-lab-1.81", "ec-lab")
HEAD_OF_SWEEP: Final = """\
Mode                Single sine         \r
"""
TAIL_OF_SWEEP: Final = """\
nc cycles           0                   \r
goto Ns'            0                   \r
nr cycles           0                   \r
inc. cycle          0                   \r
"""
OPEN_CIRCUIT: Final = """\
Open Circuit Voltage\r
tR (h:m:s)          1:01:5.2500         \r
dER/dt (mV/h)       0.0                 \r
record              Ewe                 \r
dER (mV)            5.00                \r
dtR (s)             10.0000             \r
E range min (V)     0.000               \r
E range max (V)     5.000               \r
"""
POTENTIO: Final = f"""\
Potentio Electrochemical Impedance Spectroscopy\r
{HEAD_OF_SWEEP}\
E (V)               0.0000              \r
vs.                 Eoc                 \r
tE (h:m:s)          0:00:0.0000         \r
record              0                   \r
dI                  0.000               \r
unit dI             mA                  \r
dt (s)              0.000               \r
fi                  200.000             \r
unit fi             kHz                 \r
ff                  100.000             \r
unit ff             mHz                 \r
Nd                  6                   \r
Points              per decade          \r
spacing             Logarithmic         \r
Va (mV)             10.0                \r
pw                  0.10                \r
Na                  2                   \r
corr                0                   \r
E range min (V)     0.000               \r
E range max (V)     5.000               \r
I Range             Auto                \r
Bandwidth           5                   \r
{TAIL_OF_SWEEP}"""
GALVANO: Final = f"""\
Galvano Electrochemical Impedance Spectroscopy\r
{HEAD_OF_SWEEP}\
Is                  0.000               \r
unit Is             mA                  \r
vs.                 <None>              \r
tIs (h:m:s)         0:00:0.0000         \r
record              0                   \r
dE (mV)             0.000               \r
dt (s)              0.000               \r
fi                  1.000               \r
unit fi             MHz                 \r
ff                  1.000               \r
unit ff             Hz                  \r
Nd                  10                  \r
Points              per decade          \r
spacing             Logarithmic         \r
Ia/Va               Ia                  \r
Ia                  22.500              \r
unit  Ia            mA                  \r
va pourcent         0.10                \r
pw                  0.10                \r
Na                  2                   \r
corr                0                   \r
E range min (V)     0.000               \r
E range max (V)     5.000               \r
I Range             100 mA              \r
Bandwidth           5                   \r
{TAIL_OF_SWEEP}"""
SWEEP: Final = "min_frequency: 0.1, max_frequency: 2e5, points_per_decade: 6, amplitude: 0.01"
BY_VOLTAGE: Final = f"EIS: {{mode: Voltage, {SWEEP}}}"
BY_CURRENT: Final = (
    "EIS: {mode: Current, min_frequency: 1, max_frequency: 1e6, points_per_decade: 10, "
    "amplitude: 0.0225}"
)
CHARGE: Final = "Charge: {mode: Current, value: 1, ends: [Voltage > 4.2]}"
DISCHARGE: Final = "Discharge: {mode: Current, value: 1, ends: [Voltage < 2.7]}"
REST: Final = "Rest: {duration: 60}"


def protocol(*steps: str, before: str = "") -> str:
    return before + "steps:\n" + "".join(f"  - {step}\n" for step in steps)


def repeat(count: int, *steps: str, name: str = "Loop") -> str:
    return f"{name}: {{repeat: {count}, steps: [{', '.join(f'{{{step}}}' for step in steps)}]}}"


def blocks(text: str, software: str = "ec-lab", **options: Any) -> list[str]:
    """Return the head and the techniques of the file."""
    made = ucp.convert(text, "biologic", options={"software": software, **options})
    content = made.primary_bytes.decode("cp1252")
    parts = re.split(r"\r\nTechnique : (\d+)\r\n", content)
    assert parts[1::2] == [str(number) for number in range(1, len(parts) // 2 + 1)]
    assert f"Number of linked techniques : {len(parts) // 2}\r\n" in parts[0]
    return parts[0::2]


def refusal(text: str, software: str = "ec-lab") -> str:
    with pytest.raises(ucp.UCPError) as caught:
        ucp.convert(text, "biologic", options={"software": software})
    return str(caught.value)


@pytest.mark.parametrize("software", SOFTWARE)
def test_a_repeat_around_a_repeat_is_a_technique_loop(software: str) -> None:
    inner = repeat(5, DISCHARGE, CHARGE, name="Inner")
    text = protocol(REST, repeat(4, inner, REST), DISCHARGE)

    head, *techniques = blocks(text, software)

    assert head.endswith("\r\nDo not turn to OCV between techniques\r\n")
    assert [block.partition("\r\n")[0] for block in techniques] == [
        "Modulo Bat",
        "Modulo Bat",
        "Loop",
        "Modulo Bat",
    ]
    assert techniques[2] == (
        "Loop\r\ngoto Ne             2                   \r\n"
        "nt times            3                   \r\n"
    )
    cells = {line[:20].strip(): line[20:].split() for line in techniques[1].split("\r\n")[1:]}
    assert cells["ctrl_type"] == ["CC", "CC", "Loop", "Rest"]
    assert cells["ctrl_repeat"] == ["0", "0", "4", "0"]
    assert cells["ctrl_seq"] == ["0", "0", "0", "0"]
    # The last sequence leads to the next technique, as in saved files.
    assert cells["lim1_seq"] == ["1", "2", "3", "4"]
    assert "9999" not in techniques[0] + techniques[1]
    assert "Stop                \r\n" in techniques[3]


@pytest.mark.parametrize("software", SOFTWARE)
def test_nested_repeats_run_as_often_as_the_protocol_says(software: str) -> None:
    inner = repeat(5, DISCHARGE, CHARGE, name="Inner")
    text = protocol(REST, repeat(4, inner, REST), DISCHARGE)
    made = ucp.convert(text, "biologic", options={"software": software})

    executed = EMULATORS["biologic"](made.primary_bytes)

    once = [*([1, 2] * 5), 4]
    assert executed == [0, *once * 4, 6]
    assert any(note.startswith("Experimental: the field 'nt times'") for note in made.notes)


@pytest.mark.parametrize("software", SOFTWARE)
def test_a_protocol_that_one_technique_can_run_stays_one_technique(software: str) -> None:
    made = ucp.convert(
        protocol(REST, repeat(4, DISCHARGE, CHARGE, REST), DISCHARGE),
        "biologic",
        options={"software": software},
    )

    assert b"Number of linked techniques : 1\r\n" in made.primary_bytes
    assert made.primary_bytes.count(b"\r\nTechnique : ") == 1
    assert not any("Experimental" in note or "links" in note for note in made.notes)


def test_sweeps_have_the_rows_of_saved_files() -> None:
    rest = "Rest: {duration: 3665.25, resolution: {time: 10, voltage: 0.005}}"
    head, *techniques = blocks(protocol(CHARGE, rest, BY_VOLTAGE, BY_CURRENT, DISCHARGE))

    assert techniques[1:4] == [OPEN_CIRCUIT, POTENTIO, GALVANO]
    assert techniques[0].startswith("Modulo Bat\r\nctrl_type           CC ")
    assert "Do not turn to OCV" in head


def test_commas_are_written_into_every_technique() -> None:
    rest = "Rest: {duration: 3665.25, resolution: {time: 10, voltage: 0.005}}"
    text = protocol(rest, BY_VOLTAGE, BY_CURRENT)

    points = blocks(text)
    commas = blocks(text, decimal_separator=",")

    assert commas[1:] == [re.sub(r"(?<=\d)\.(?=\d)", ",", block) for block in points[1:]]
    assert "1:01:5,2500" in commas[1]


def test_a_repeat_with_a_sweep_is_a_technique_loop() -> None:
    text = protocol(CHARGE, repeat(3, DISCHARGE, REST, BY_VOLTAGE, CHARGE, BY_CURRENT))
    made = ucp.convert(text, "biologic", options={"software": "ec-lab"})
    names = re.findall(r"Technique : \d+\r\n(.*)\r\n", made.text())

    assert names == [
        "Modulo Bat",
        "Modulo Bat",
        "Open Circuit Voltage",
        "Potentio Electrochemical Impedance Spectroscopy",
        "Modulo Bat",
        "Galvano Electrochemical Impedance Spectroscopy",
        "Loop",
    ]
    assert made.text().endswith(
        "Loop\r\ngoto Ne             2                   \r\n"
        "nt times            2                   \r\n"
    )
    assert EMULATORS["biologic"](made.primary_bytes) == [0, *[1, 2, 3, 4, 5] * 3]
    assert any("instrument reaches both" in note for note in made.notes)


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ([CHARGE, BY_VOLTAGE], "put a Rest directly before it"),
        ([BY_VOLTAGE], "put a Rest directly before it"),
        (
            [
                CHARGE.replace("4.2]", "4.2, {variable: Time, value: 60, goto: Last}]"),
                REST,
                "End",
                f"Last: [{{{BY_VOLTAGE}}}]",
            ],
            "put a Rest directly before it",
        ),
        ([REST, repeat(2, BY_VOLTAGE, REST)], "put a Rest directly before it"),
        (
            ["Rest: {duration: 60, ends: [Voltage < 3]}", BY_VOLTAGE],
            "which has a duration but no other end",
        ),
        (
            ["Rest: {duration: 60, resolution: {time: 1, current: 0.1}}", BY_VOLTAGE],
            "needs a resolution of time and has none of current; change it",
        ),
        (
            ["Rest: {duration: 60, resolution: {time: 1, voltage: 0.000123}}", BY_VOLTAGE],
            "its resolution of 0.000123 V cannot be written: its field holds only multiples",
        ),
        (
            [
                REST,
                "EIS: {mode: Voltage, frequencies: [100, 10], amplitude: 0.01}",
            ],
            "no public settings file lists single frequencies",
        ),
        (
            [BY_CURRENT.replace("points_per_decade: 10", "points_per_decade: 2.5")],
            "its points_per_decade must be a whole number from 1, not 2.5",
        ),
        (
            [BY_CURRENT.replace("0.0225", "1.23456e-12")],
            (
                "its amplitude of 1.23456e-12 A cannot be written: its field holds only "
                "multiples of 0.001 nA"
            ),
        ),
        ([BY_CURRENT.replace("0.0225", "11")], "its amplitude of 11 A is above 10 A"),
        (
            [REST, BY_VOLTAGE.replace("amplitude: 0.01", "amplitude: 0.00002")],
            (
                "its amplitude of 2e-05 V cannot be written: its field holds only multiples of 0.1 "
                "mV"
            ),
        ),
        (
            [BY_CURRENT.replace("min_frequency: 1,", "min_frequency: 1.2345e-6,")],
            (
                "its min_frequency of 1.2345e-06 Hz cannot be written: its field holds only "
                "multiples of 0.001 mHz"
            ),
        ),
        (
            [repeat(2, repeat(2, BY_CURRENT, REST, name="Inner"), REST)],
            "it is not documented how a Loop inside another Loop counts",
        ),
        (
            [repeat(2, repeat(2, repeat(2, REST, name="Third"), REST, name="Inner"), REST)],
            (
                "a repeat 3 levels deep is not supported by this format: a repeat inside a "
                "repeat is a loop of Modulo Bat inside a technique Loop"
            ),
        ),
        (
            [
                (
                    "Charge: {mode: Current, value: 1, ends: [Voltage > 4.2, "
                    "{variable: Time, value: 60, goto: End}]}"
                ),
                BY_CURRENT,
                REST,
            ],
            (
                "its end Time > 60 s ends the test, but the file needs 3 techniques, and it is not "
                "documented whether Stop ends more than its own"
            ),
        ),
        (
            [
                (
                    "Charge: {mode: Current, value: 1, ends: [Voltage > 4.2, "
                    "{variable: Time, value: 60, goto: Last}]}"
                ),
                BY_CURRENT,
                "Last: [{Rest: {duration: 30}}]",
                CHARGE,
            ],
            (
                "its end Time > 60 s jumps, but the file needs 3 techniques, and an end cannot "
                "lead into another"
            ),
        ),
    ],
)
def test_what_linked_techniques_cannot_do_is_named(steps: list[str], words: str) -> None:
    assert words in refusal(protocol(*steps))


@given(
    hertz=st.lists(st.floats(1e-3, 1e7), min_size=2, max_size=2, unique=True),
    tenths=st.integers(1, 10_000),
    points=st.integers(1, 100),
)
def test_the_numbers_of_a_sweep_are_those_of_the_protocol(
    hertz: list[float], tenths: int, points: int
) -> None:
    low, high = sorted(hertz)
    sweep = (
        f"EIS: {{mode: Voltage, min_frequency: {low!r}, max_frequency: {high!r}, "
        f"points_per_decade: {points}, amplitude: {tenths * 1e-4!r}}}"
    )

    rows = {
        line[:20].strip(): line[20:].strip()
        for line in blocks(protocol(REST, sweep))[2].split("\r\n")
    }

    units = {"MHz": 1e6, "kHz": 1e3, "Hz": 1.0, "mHz": 1e-3}
    for label, value in (("fi", high), ("ff", low)):
        assert float(rows[label]) * units[rows[f"unit {label}"]] == pytest.approx(value, rel=1e-3)
    assert (float(rows["Va (mV)"]), int(rows["Nd"])) == (pytest.approx(tenths / 10), points)


@pytest.mark.parametrize("software", ["bt-lab", "bt-lab-1.81"])
def test_bt_lab_has_no_sweeps(software: str) -> None:
    message = refusal(protocol(BY_CURRENT, REST), software)

    assert "no public settings file of BT-Lab" in message
    assert "set the option software to 'ec-lab'" in message


# ---------------------------------------------------------------- BT-Lab 1.81


def test_a_file_for_bt_lab_181_has_the_rows_of_a_file_that_it_saved() -> None:
    text = protocol(
        CHARGE,
        "Charge: {mode: Voltage, value: 4.2, duration: 60, ends: [Current < 0.05]}",
        before=(
            "safety_limits: {voltage_min: 2.49, voltage_max: 4.3, charge_current_max: 12, "
            "discharge_current_max: 12, temperature_max: 55}\n"
        ),
    )

    head, table = blocks(text, "bt-lab-1.81")

    assert head.startswith(
        "BT-LAB SETTING FILE\r\n\r\nNumber of linked techniques : 1\r\n\r\n"
        "BT-LAB for windows v1.81 (software)\r\nInternet server v0.00 (firmware)\r\n"
        "Command interpretor v0.00 (firmware)\r\n\r\nFilename : protocol.mps\r\n\r\n"
        "Device : BCS-815\r\nEcell ctrl range : min = 0.00 V, max = 9.00 V\r\n"
        "Safety Limits :\r\n\tEcell min = 2.49 V\r\n\tEcell max = 4.30 V\r\n"
        "\t|I| = 12000.000 mA\r\n\tfor t > 100 ms\r\n\tTemperature max = 55.00 \u00b0C\r\n"
        "Electrode material : \r\n"
    )
    assert "\r\nCharacteristic mass : 0.001 g\r\nVolume (V) : 0.001 cm\u00b3\r\n" in head
    rows = {line[:20].strip(): re.findall(".{20}", line[20:]) for line in table.split("\r\n")[1:]}
    assert [label for label in rows if label][:4] == [
        "Ns", "ctrl_type", "Apply I/C", "current/potential",
    ]  # fmt: skip
    labels = list(rows)
    assert labels[labels.index("N") : labels.index("ctrl_seq")] == [
        "N", "charge/discharge", "charge/discharge_1", "Apply I/C_1", "N1",
        "ctrl4_val", "ctrl4_val_unit", "ctrl5_val", "ctrl5_val_unit", "ctrl_tM",
    ]  # fmt: skip
    assert labels[labels.index("lim_nb") : labels.index("rec_nb")] == [
        "lim_nb",
        *(
            f"lim{block}_{row}"
            for block in (1, 2)
            for row in ("type", "comp", "Qprev_pct", "Q", "value", "value_unit", "action", "seq")
        ),
    ]
    words = {
        "N": "1.00", "N1": "0.00", "ctrl_Na": "1", "ctrl_corr": "1", "lim1_Qprev_pct": "100",
        "auto rest": "0", "Bandwidth": "4", "I Range init": "Unset",
    }  # fmt: skip
    for label, word in words.items():
        assert rows[label] == [word.ljust(20)] * 2
    assert rows["lim1_type"] == ["Ecell".ljust(20), "|I|".ljust(20)]


@pytest.mark.parametrize("software", ["bt-lab", "ec-lab"])
def test_a_temperature_limit_is_written_only_where_a_public_file_shows_it(software: str) -> None:
    text = protocol(REST, before="safety_limits: {temperature_max: 50}\n")

    assert "set the option software to 'bt-lab-1.81'" in refusal(text, software)
    [head, _] = blocks(text, "bt-lab-1.81")
    assert "Safety Limits :\r\n\tTemperature max = 50.00 \u00b0C\r\nElectrode" in head
