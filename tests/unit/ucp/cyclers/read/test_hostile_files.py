"""Untrusted files: any content gives a protocol, or one error that says why it does not."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ionworks import ucp
from tests.unit.ucp.samples import ALL, sample

WRITTEN = [
    path
    for path in sorted((Path(__file__).parents[1] / "export" / "golden").glob("*/*"))
    if not path.name.endswith(".error.txt")
]
SMALL = [path for path in [*ALL, *WRITTEN] if path.stat().st_size < 30_000]
REST = ucp.convert("steps: [{Rest: {duration: 60}}]", "maccor").primary_bytes


def refused(content: bytes, words: str) -> None:
    with pytest.raises(ucp.UCPError) as caught:
        ucp.parse_file(content)
    assert words in str(caught.value)


def test_document_types_and_entities_are_rejected() -> None:
    body = REST.split(b"?>\r\n", 2)[2]
    bomb = b'<!DOCTYPE lolz [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    outside = b'<!DOCTYPE x SYSTEM "file:///etc/passwd">'
    for declared in (bomb, outside):
        refused(b'<?xml version="1.0"?>' + declared + body, "document type")
    refused(REST.replace(b"<desc></desc>", b"<desc>&unknown;</desc>"), "not XML")


def test_depth_size_and_encoding_are_bounded() -> None:
    deep = b"<a>" * 100 + b"</a>" * 100
    refused(REST.replace(b"<desc></desc>", deep), "nested deeper than 30 levels")
    refused(REST + b" " * 20_000_001, "larger than")
    refused(REST.replace(b"UTF-8", b"UTF-16"), "declares the encoding utf-16")
    refused(REST[:-30], "not XML")


def test_a_chinese_encoding_may_be_declared() -> None:
    step_file = ucp.convert("steps: [{Rest: {duration: 60}}]", "neware").primary_bytes

    for remark in ("\u7535\u6c60".encode("gb2312"), "\u7535\u6c60".encode()):
        changed = step_file.replace(b'Remark Value="protocol"', b'Remark Value="' + remark + b'"')
        assert ucp.parse_file(changed).target == "neware"


def test_other_content_is_rejected_as_an_unknown_format(tmp_path: Path) -> None:
    for content in (b"", b"hello", b"\x00" * 100, b"<?xml version='1.0'?><a/>", b"steps: []"):
        refused(content, "not a protocol file of a known format")
    with pytest.raises(FileNotFoundError):
        ucp.parse_file(tmp_path / "missing.000")
    with pytest.raises(TypeError, match="binary file"):
        ucp.parse_file(5)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="text mode"):
        ucp.parse_file(io.StringIO("x"))  # type: ignore[arg-type]
    with pytest.raises(ucp.UCPError, match="unknown target 'digatron'"):
        ucp.parse_file(REST, target="digatron")


def test_a_file_may_be_given_as_path_bytes_or_open_file(tmp_path: Path) -> None:
    path = tmp_path / "rest.000"
    path.write_bytes(REST)

    with path.open("rb") as opened:
        read = [ucp.parse_file(source) for source in (path, str(path), REST, opened)]

    assert len({ucp.to_yaml(each.protocol) for each in read}) == 1
    assert read[0].target == "maccor"
    assert read[0].text == REST.decode()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("00:01:00</Value>\r\n        </End", "x</Value>\r\n        </End", "'x' is not a time"),
        ("<Step>002", "<Step>00x", "not a whole number"),
        ("<Step>002", "<Step>009", "it leads to step 9, which does not exist"),
        ("StepTime</EndType>", "MaxdVdt </EndType>", "the end MaxdVdt = 00:01:00 is unknown"),
        ("<SpecialType> <", "<SpecialType>X<", "of type X is unknown"),
        ("<StepType>  Rest  ", "<StepType>  FRA   ", "step 001 (FRA)"),
        ("<StepMode>        ", "<StepMode>Current ", "a rest must not have a mode"),
        ("StepTime</Report", " SetVar </Report", "the report SetVar"),
        ("<StepType>  Rest  ", "<StepType>  Do 1  ", "no public procedure shows Ends, Reports"),
        ("<StepType>  End   ", "<StepType>  Do 1  ", "its loop has no end"),
        (
            "<StepType>  End   ",
            "<StepType> Loop 1 ",
            "it ends Do 1, which is not the last open",
        ),
        ("<Option2>N<", "<Option2>Y<", "its Option2 is Y; what that does is not documented"),
        ("<Range>A</Range>", "<Ramp>1</Ramp>", "it has unknown fields: Ramp"),
        ("00:01:00</Value>", "00:01:00</Value><Delay>1</Delay>", "it has unknown fields: Delay"),
        ("00:01:00</Value>", "00:01:00</Value><ChanSafetyEnd>No</ChanSafetyEnd>", "unknown flag"),
    ],
)
def test_constructs_of_maccor_that_ucp_lacks_are_named(old: str, new: str, words: str) -> None:
    assert old.encode() in REST
    refused(REST.replace(old.encode(), new.encode(), 1), words)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (b'Step_Type="2"', b'Step_Type="8"', "constant power discharge"),
        (b'Step_Type="2"', b'Step_Type="99"', "step 3 (type 99)"),
        (b'<Scale Value="1"', b'<Scale Value="1000"', "this scale of currents"),
        (
            b'<RateType Value="105"',
            b'<RateType Value="104"',
            "RateType: this way of setting currents",
        ),
        (b'<Start_Step Value="1" Hide', b'<Start_Step Value="2" Hide', "does not start"),
        (b'<Cycle_Count Value="5"', b'<Cycle_Count Value="0"', "it repeats 0 times"),
        (b'<Start_Step Value="1" />', b'<Start_Step Value="9" />', "not before it"),
        (b'<Curr Value="22.5" />', b'<Pow Value="22.5" />', "cannot have the limit Pow"),
        (b'<Time Value="10800000" />', b'<Time Value="soon" />', "Time 'soon' is not a number"),
        (b'Step_ID="2"', b'Step_ID="3"', "not in order"),
        (b'<Upper Value="43000" />', b'<Rise Value="43000" />', "the protection Main/Volt/Rise"),
        (b'<Step_Info Num="5">', b'<Step_Info Num="4">', "its Num is ['4'], but there are 5 steps"),
        (b'<Volt Value="500" />', b'<Cap Value="500" />', "no resolution for Cap"),
    ],
)
def test_constructs_of_neware_that_ucp_lacks_are_named(old: bytes, new: bytes, words: str) -> None:
    content = sample("neware/aurora-cycler-manager_nw4-120-6-1-36_EditStep.xml").read_bytes()
    assert old in content
    refused(content.replace(old, new), words)


def test_conditions_of_a_neware_file_are_rejected() -> None:
    content = sample("neware/fastnda_46_1_5_60_bts16_EditStep.xml").read_bytes()

    refused(
        content.replace(b"</Main>\r\n        </Limit>", b"</Main><Other/>\r\n</Limit>", 1),
        "conditions and jumps of this format",
    )


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("Modulo Bat\r\n", "Cyclic Voltammetry\r\n", "technique 1 (Cyclic Voltammetry)"),
        ("CC                  CV  ", "CP                  CV  ", "sequence 1 (CP)"),
        ("lim1_type           Time ", "lim1_type           Power", "the limit Power > 1.000 h"),
        (
            "Next sequence       Stop  ",
            "Next sequence       Wait  ",
            "the action 'Wait' is unknown",
        ),
        ("lim1_value          1.000", "lim1_value          soon ", "'soon' is not a number"),
        ("lim1_value_unit     h", "lim1_value_unit     y", "the unit 'y' is unknown"),
        ("Electrode material", "Safety Limits :\r\n\tT max = 5 V\r\nElectrode", "'T max'"),
        ("Electrode material", "Safety Limits :\r\n\t|I| = 5 V\r\nElectrode", "in a unit of A"),
        (
            "capacity : 200.000 mA.h",
            "capacity : 200.000 mA",
            "Battery capacity: 200.000 mA must be",
        ),
        # A current in V must not be read as a voltage.
        (
            "A                   V    ",
            "V                   V    ",
            "0.100 V must be in a unit of A",
        ),
        (
            "A                   V    ",
            "A                   A    ",
            "3.700 A must be in a unit of V",
        ),
        (
            "h                   V    ",
            "V                   V    ",
            "1.000 V must be in a unit of s",
        ),
        ("rec1_value_unit     s", "rec1_value_unit     V", "1.000 V must be in a unit of s"),
        ("<None>              Ref ", "Ictrl               Ref ", "set points relative to Ictrl"),
        (
            "Q limit             Q",
            "Q prev.             Q",
            "does not have the limit Time > 1.000 h",
        ),
        ("lim1_seq            1 ", "lim1_seq            5 ", "its next sequence is 5"),
        (
            "13                  9999",
            "13                  9   ",
            "it stops, but leads to sequence 9",
        ),
    ],
)
def test_constructs_of_biologic_that_ucp_lacks_are_named(old: str, new: str, words: str) -> None:
    content = sample("biologic/beep_btlab_formationV1.mps").read_bytes()
    assert old.encode("cp1252") in content
    refused(content.replace(old.encode("cp1252"), new.encode("cp1252"), 1), words)


NESTED = next(path for path in WRITTEN if path.match("nested/arbin.sdu")).read_text("latin-1")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        # With these signs the two limits do not fit together: both hold, or neither does.
        ("CompareSign=<\n", "CompareSign=<=\n", "until TC_Counter2 is 16, but leads on from 15"),
        ("CompareSign=>=\n", "CompareSign=>\n", "until TC_Counter2 is 15, but leads on from 16"),
        ("Left=TC_Counter2", "Left=", "has no condition"),
        ("Left=TC_Counter2", "Left=TC_Counter3", "is not the end of a loop"),
        ("Right=15", "Right=15.5", "'15.5' is not a whole number"),
        ("GotoStep=3 Inner", "GotoStep=2 begin Inner", "not start after a reset of TC_Counter2"),
        ("Type=Current(A)", "Type=Current Ramp(A)", "UCP has no current that changes steadily"),
        ("m_nExtra1=0", "m_nExtra1=2", "the meaning of its m_nExtra1 of 2 is unknown"),
        ("CtrlValue1=\nm_szExtC", "CtrlValue1=3\nm_szExtC", "its m_szExtCtrlValue1 of 3"),
        ("m_uStepNum=", "m_uStepNum=1", "m_uStepNum: it is 1"),
    ],
)
def test_constructs_of_arbin_that_ucp_lacks_are_named(old: str, new: str, words: str) -> None:
    text = NESTED.replace("\r\n", "\n")
    place = text.index("Equation0_szLeft=TC_Counter2") if "CompareSign" in old else 0
    assert old in text[place:]
    changed = text[:place] + text[place:].replace(old, new, 1)
    refused(changed.replace("\n", "\r\n").encode("latin-1"), words)


LIMITED = ucp.convert(
    "safety_limits: {voltage_max: 4.3}\nsteps: [{Rest: {duration: 60}}]", "maccor"
).primary_bytes
LIMIT = re.search(
    rb" *<EndEntry>(?:(?!<EndEntry>).)*<ChanSaf.*?</EndEntry>\r\n", LIMITED, re.DOTALL
)


@pytest.mark.parametrize(("other", "kept"), [(b"4.2", "4.2"), (b"4.4", "4.3")])
def test_the_tighter_of_two_safety_limits_counts(other: bytes, kept: str) -> None:
    assert LIMIT is not None
    [entry] = [LIMIT.group()]
    content = LIMITED.replace(entry, entry + entry.replace(b"4.3", other))

    assert [str(limit.value) for limit in ucp.parse_file(content).protocol.safety.limits] == [kept]
    refused(
        LIMITED.replace(
            entry, entry + entry.replace(b"4.3", other).replace(b"<Step>002", b"<Step>001")
        ),
        "voltage_max: safety limits of 4.3 and",
    )


def test_a_safety_limit_may_lead_to_the_first_step() -> None:
    assert LIMIT is not None
    entry = LIMIT.group()
    content = LIMITED.replace(entry, entry.replace(b"<Step>002", b"<Step>001"))

    [limit] = ucp.parse_file(content).protocol.safety.limits
    assert limit.goto not in (None, "End")


NOVONIX = """
safety_limits: {voltage_min: 2.5, voltage_max: 4.3}
steps:
  - Charge: {mode: Current, value: 1, duration: 60, ends: [Voltage > 4.2, Capacity > 1]}
  - Charge: {mode: Current, value: 1, ends: [Voltage > 4.2]}
  - Charge: {mode: Voltage, value: 4.2, ends: [Current < 0.1], resolution: 60}
"""


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("Charge_current 1 A", "Charge_current 1 V", "'1 V' must be a number with a unit of A"),
        (
            "Charge_voltage 4.2 V",
            "Charge_voltage 4.2 A",
            "'4.2 A' must be a number with a unit of V",
        ),
        ("than 1 minutes", "than 1 A", "'1 A' must be a number with a unit of s"),
        ("than 1 Ah", "than 1 A", "'1 A' must be a number with a unit of Ah"),
        ("than 0.1 A", "than 0.1 V", "'0.1 V' must be a number with a unit of A"),
        ("than 60 seconds", "than 60 V", "'60 V' must be a number with a unit of s"),
        ("> 4.3000 V", "> 4.3000 A", "'4.3000 A' must be a number with a unit of V"),
    ],
)
def test_an_amount_of_a_novonix_head_must_have_the_unit_of_its_quantity(
    old: str, new: str, words: str
) -> None:
    text = ucp.convert(NOVONIX, "novonix", verify=True).text()
    assert old in text
    refused(text.replace(old, new, 1).encode(), words)


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"2.500000", b"2.600000"), (b"<=", b">="), (b"V\t<=", b"T\t<="), (b"2.500000", b"low")],
)
def test_an_end_of_a_waveform_sample_must_be_a_safety_limit(old: bytes, new: bytes) -> None:
    made = ucp.convert(
        "safety_limits: {voltage_min: 2.5, voltage_max: 4.25}\n"
        "steps: [{Drive: {data: [[0, 1], [1, 2], [2, 2]], mode: Current}}]",
        "maccor",
        verify=True,
    )
    [(name, content)] = made.assets
    assert old in content

    with pytest.raises(ucp.UCPError, match=r"line 1 of waveform_\w{8}\.MWF ends at"):
        ucp.parse_file(made.primary_bytes, assets={name: content.replace(old, new, 1)})


def test_a_waveform_with_undocumented_settings_is_rejected() -> None:
    """As ``mbc2.MWF`` of the project battetl, which has 24 lines before its samples."""
    made = ucp.convert(
        "safety_limits: {voltage_min: 2.5, voltage_max: 4.25}\n"
        "steps: [{Drive: {data: [[0, 1], [1, 2], [2, 2]], mode: Current}}]",
        "maccor",
    )
    [(name, content)] = made.assets
    head = b"Maccor waveform file version 1.1\r\n6B82\r\n"

    with pytest.raises(ucp.UCPError, match="begins with settings that are not documented"):
        ucp.parse_file(made.primary_bytes, assets={name: head + content})


def test_the_word_of_ec_lab_for_a_current_limit_is_read() -> None:
    text = "steps: [{Charge: {mode: Current, value: 1, ends: [Voltage > 4.2]}},"
    text += " {Charge: {mode: Voltage, value: 4.2, ends: [Current < 0.1]}}]"
    content = ucp.convert(text, "biologic", options={"software": "ec-lab"}).primary_bytes

    assert b"Q limit             I limit             " in content
    assert (
        ucp.parse_file(content).protocol.steps
        == ucp.parse_file(content.replace(b"I limit", b"Q limit")).protocol.steps
    )
    refused(content.replace(b"Q limit   ", b"I limit   "), "does not have the limit Ewe > 4.200 V")


def mutated(data: st.DataObject, content: bytes) -> bytes:
    """Return a file with lines dropped, doubled or swapped, or with a byte or number changed."""
    lines = content.split(b"\n")
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(lines) - 1))
        match data.draw(st.sampled_from(["drop", "double", "swap", "byte", "number"])):
            case "drop" if len(lines) > 1:
                del lines[place]
            case "double":
                lines.insert(place, lines[place])
            case "swap":
                other = data.draw(st.integers(0, len(lines) - 1))
                lines[place], lines[other] = lines[other], lines[place]
            case "byte" if lines[place]:
                at = data.draw(st.integers(0, len(lines[place]) - 1))
                new = bytes([data.draw(st.integers(0, 255))])
                lines[place] = lines[place][:at] + new + lines[place][at + 1 :]
            case _:
                digits = b"0123456789"
                new = data.draw(
                    st.sampled_from([b"-1", b"0", b"1e400", b"nan", b"99999999999", b""])
                )
                at = next((i for i, c in enumerate(lines[place]) if c in digits), None)
                if at is not None:
                    lines[place] = lines[place][:at] + new + lines[place][at + 1 :]
    return b"\n".join(lines)


@given(data=st.data(), path=st.sampled_from(SMALL))
@settings(max_examples=250)
def test_a_damaged_file_gives_a_protocol_or_an_error(data: st.DataObject, path: Path) -> None:
    content = mutated(data, path.read_bytes())
    try:
        read = ucp.parse_file(content)
    except ucp.UCPError:
        return
    # A protocol that is returned is valid.
    assert ucp.validate(ucp.to_document(read.protocol))["valid"]


@given(text=st.text(max_size=300), head=st.sampled_from([path.read_bytes()[:300] for path in ALL]))
@settings(max_examples=100)
def test_arbitrary_bytes_give_a_protocol_or_an_error(text: str, head: bytes) -> None:
    try:
        ucp.parse_file(head + text.encode("utf-8", "replace"))
    except ucp.UCPError:
        return


@pytest.mark.parametrize(
    ("target", "old", "new"),
    [
        ("arbin_sdx", b"Equation0_szRight=0.1\r", b"Equation0_szRight=0.25\r"),
        ("novonix", b"less than 0.1 A", b"less than 0.25 A"),
    ],
)
def test_a_constant_voltage_that_its_current_ends_at_once_is_refused(
    target: str, old: bytes, new: bytes
) -> None:
    text = "steps: [{Charge: {mode: Current, value: 0.2, ends: [Voltage > 4.2]}},"
    text += " {Charge: {mode: Voltage, value: 4.2, ends: [Current < 0.1]}}, {Rest: {duration: 9}}]"
    content = ucp.convert(text, target).primary_bytes
    assert old in content

    refused(content.replace(old, new), "Current < 0.25 A is not below the 0.2 A")
