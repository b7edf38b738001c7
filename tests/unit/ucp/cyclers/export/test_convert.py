"""The arguments of convert, each rejected with a remedy."""

from __future__ import annotations

import math
from typing import Any

import pytest

from ionworks import ucp

REST = "steps: [{Rest: {duration: 60}}]"


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (
            {"target": "digatron"},
            ValueError,
            "unknown target 'digatron'; valid targets: maccor, neware",
        ),
        ({"target": "maccorr"}, ValueError, "did you mean 'maccor'"),
        ({"target": None}, TypeError, "target must be the name of a format"),
        ({"target": "biologic_bttest"}, ValueError, "use the target 'biologic'"),
        ({"filename_stem": "a/b"}, ValueError, "without folders"),
        ({"filename_stem": ""}, ValueError, "filename_stem"),
        ({"filename_stem": ".."}, ValueError, "filename_stem"),
        ({"filename_stem": "Aux"}, ValueError, "filename_stem"),
        ({"filename_stem": "caf\u00e9"}, ValueError, "printable ASCII"),
        ({"nominal_capacity_ah": 0}, ValueError, "above 0 A.h"),
        ({"nominal_capacity_ah": -2.5}, ValueError, "above 0 A.h"),
        ({"nominal_capacity_ah": math.nan}, ValueError, "above 0 A.h"),
        ({"nominal_capacity_ah": math.inf}, ValueError, "above 0 A.h"),
        ({"nominal_capacity_ah": 1e300}, ValueError, "below 1e+09 A.h"),
        ({"nominal_capacity_ah": True}, TypeError, "must be a number"),
        ({"nominal_capacity_ah": "5"}, TypeError, "must be a number"),
        ({"options": ["software"]}, TypeError, "options must be a mapping"),
        ({"experiment_parameters": 3}, TypeError, "experiment_parameters must be a mapping"),
        ({"experiment_parameters": "rate"}, TypeError, "experiment_parameters must be a mapping"),
        ({"drive_cycles": 3}, TypeError, "drive_cycles must be a mapping of names to samples"),
        ({"options": {"softwaer": "ec-lab"}}, ValueError, "did you mean 'software'"),
        ({"options": {"software": "ec"}}, ValueError, "'bt-lab-1.81' or 'ec-lab', not 'ec'"),
        ({"options": {"decimal_separator": ";"}}, ValueError, "'.' or ','"),
        ({"options": {"voltage_range": 5}}, ValueError, "two voltages"),
        ({"options": {"voltage_range": [5, 0]}}, ValueError, "within -20 V to 60 V, not (5, 0)"),
        ({"options": {"device": 5}}, ValueError, "name of an instrument"),
        ({"options": {"device": " "}}, ValueError, "name of an instrument"),
        ({"options": {"device": "BCS-815\nSafety Limits :"}}, ValueError, "name of an instrument"),
        ({"options": {"voltage_range": [math.nan, 5]}}, ValueError, "not (nan, 5)"),
        ({"options": {"date": 5}}, TypeError, "must be a datetime"),
        ({"options": {"date": "soon"}}, ValueError, "in ISO 8601 format, not 'soon'"),
        (
            {"target": "arbin", "options": {"template": b"[x]"}},
            ValueError,
            "not a schedule of MITS",
        ),
        ({"target": "arbin", "options": {"template": 5}}, ValueError, "open(path, 'rb')"),
        ({"target": "arbin", "options": {"current_range": "R"}}, ValueError, "Range1, Range2"),
        (
            {"target": "novonix", "options": {"extension": "pro2"}},
            ValueError,
            "a file extension such as",
        ),
        ({"protocol": 5}, TypeError, "text or a mapping"),
        ({"protocol": "steps: 3"}, ucp.UCPError, "the protocol has errors:\nsteps"),
    ],
)
def test_a_bad_argument_is_named_with_a_remedy(
    arguments: dict[str, Any], error: type[Exception], words: str
) -> None:
    given = {"protocol": REST, "target": "biologic", **arguments}
    with pytest.raises(error) as caught:
        ucp.convert(given.pop("protocol"), given.pop("target"), **given)

    assert words in str(caught.value)


def test_open_inputs_and_missing_samples_are_named() -> None:
    text = "steps: [{Rest: {duration: \"input['t']\"}}, {Drive: {drive_cycle: US06}}]"

    with pytest.raises(ucp.UCPError, match="no value for 't'"):
        ucp.convert(text, "maccor")
    with pytest.raises(ucp.UCPError, match="the samples of the drive cycles 'US06' are missing"):
        ucp.convert(text, "maccor", experiment_parameters={"t": 5})


def test_a_protocol_may_be_text_a_mapping_a_tree_or_experiment_strings() -> None:
    tree = ucp.parse(REST).protocol
    assert tree is not None

    for protocol in (REST, {"steps": [{"Rest": {"duration": 60}}]}, tree, "Rest for 60 seconds"):
        assert b"<Value>00:01:00</Value>" in ucp.convert(protocol, "maccor").primary_bytes
