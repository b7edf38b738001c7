"""Hypothesis strategies for trees of protocols, built from the grammar of the language."""

from __future__ import annotations

from hypothesis import strategies as st

from ionworks.ucp import (
    Assignment,
    Block,
    End,
    Global,
    InitialState,
    Leaf,
    Marker,
    Profile,
    Protocol,
    Resolution,
    Safety,
    SafetyLimit,
    Sweep,
    Wave,
)
from ionworks.ucp.expressions import Binary, Call, Input, Name, Number, Unary

VARIABLES = ("VAR_A", "VAR_B")
NAMES = ("Loop", "Rest", "direction", "No", "3x", "Kühlen: [1]", "#", "a 'b' \"c\"", "null", "~")


def _is_plain_name(text: str) -> bool:
    """Names that cannot coincide with a jump target of these strategies."""
    reserved = {"end", "end test", "next", "next step"}
    return text.strip() == text and not text.isdecimal() and text.lower() not in reserved


numbers = st.floats(0.001, 1000, allow_nan=False).map(Number)
words = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1
).filter(_is_plain_name)
input_names = st.sampled_from(
    ["C-rate", "Initial SOC [%]", "it's", 'say "x"', "T [\u00b0C]", "", "a['b'] \"c", 'a["b"]\'']
)
atoms = st.one_of(
    st.floats(-1e6, 1e6, allow_nan=False).map(Number),
    input_names.map(Input),
    st.sampled_from([*VARIABLES, "V_MIN", "V_MAX", "Q_NOM", "Voltage", "Total time"]).map(Name),
)
open_values = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.builds(
            Binary,
            st.sampled_from(["+", "-", "*", "**", "<", ">=", "==", "!=", "and", "or"]),
            inner,
            inner,
        ),
        inner.map(lambda part: Unary("not", part)),
        st.builds(lambda a, b, c: Call("ifelse", (a, b, c)), inner, inner, inner),
        inner.map(lambda part: Call("abs", (part,))),
    ),
    max_leaves=8,
).filter(lambda tree: "Name" in repr(tree) or "Input" in repr(tree))
values = st.one_of(numbers, open_values)


def optional(strategy: st.SearchStrategy) -> st.SearchStrategy:
    return st.one_of(st.none(), strategy)


gotos = st.sampled_from(["End", "Next", 1])
measured_ends = st.builds(
    End,
    st.sampled_from(
        [
            "Voltage",
            "Current",
            "C-rate",
            "Capacity",
            "Temperature",
            "SOC",
            "Time",
            "Energy",
            "Power",
            "Cell capacity",
            "Minimum voltage",
            '"Anode potential [V]"',
            "2 * 'a' - min(\"b < c\", 3)",
        ]
    ),
    st.sampled_from(["<", ">"]),
    values,
    goto=optional(gotos),
)
counted_ends = st.builds(
    End,
    st.sampled_from(["Cycle count", "Step count", *VARIABLES]),
    st.sampled_from(["<", ">", "<=", ">=", "==", "!="]),
    values,
    goto=optional(gotos),
)
slope_ends = st.builds(
    End,
    st.sampled_from(["Voltage", "Temperature"]),
    st.sampled_from(["<", ">"]),
    values,
    st.just(True),
    optional(gotos),
)
ends = st.one_of(measured_ends, counted_ends, slope_ends)
resolutions = st.builds(
    Resolution, time=optional(values), voltage=optional(values), current=optional(values)
)
assignments = st.builds(Assignment, st.sampled_from(VARIABLES), values)
common = {
    "set_variables": st.lists(assignments, max_size=2).map(tuple),
    "note": optional(st.text(st.characters(codec="utf-8"))),
    "name": optional(words),
}
timed = {
    "duration": optional(values),
    "ends": st.lists(ends, max_size=2).map(tuple),
    "temperature": optional(values),
    "resolution": optional(resolutions),
    **common,
}


def has_term(leaf: Leaf) -> bool:
    return leaf.duration is not None or bool(leaf.ends)


controlled = st.builds(
    Leaf,
    st.sampled_from(["Charge", "Discharge"]),
    st.sampled_from(["C-rate", "Current", "Power", "Voltage"]),
    values,
    **timed,
).filter(has_term)
directed = st.builds(
    Leaf, st.just("Direction"), st.just("Current"), values, direction=open_values, **timed
).filter(has_term)
rests = st.builds(Leaf, st.just("Rest"), **timed).filter(has_term)
entry_ends = st.builds(End, st.just("Voltage"), st.none(), values, goto=optional(gotos))
waits = st.builds(Leaf, st.just("Rest"), ends=st.tuples(entry_ends))
controls = st.builds(Leaf, st.just("Control"), ends=timed["ends"], **common)
ambients = st.builds(Leaf, st.just("Ambient temperature"), value=values)
samples = st.lists(st.floats(-10, 10), min_size=2, max_size=4).map(
    lambda drawn: tuple((float(index) / 3, value) for index, value in enumerate(drawn))
)
whole = st.integers(0, 50).map(float).map(Number)
profiles = st.builds(Profile, scale=values, repeat=whole, name=words) | st.builds(
    Profile, data=samples, scale=values, repeat=whole, name=optional(words)
)
drives = st.builds(
    Leaf,
    st.just("Drive"),
    st.sampled_from(["C-rate", "Current", "Power", "Voltage"]),
    profile=profiles,
    **timed,
)
waves = st.builds(
    Leaf,
    st.just("Waveform"),
    st.sampled_from(["Current", "Voltage"]),
    wave=st.builds(
        Wave,
        st.sampled_from(["sine", "square", "triangle", "sawtooth"]),
        numbers,
        numbers,
        values,
        numbers,
    ),
    duration=optional(values),
)
sweeps = st.builds(
    Leaf,
    st.just("EIS"),
    st.sampled_from(["Current", "Voltage"]),
    sweep=st.builds(Sweep, numbers, st.lists(numbers, min_size=1, max_size=3).map(tuple))
    | st.builds(Sweep, numbers, st.just(()), st.just(Number(0.01)), st.just(Number(1000)), numbers),
)
markers = st.builds(Marker, st.sampled_from(["End", "Advance cycle", "Pause"]))
leaves = st.one_of(controlled, directed, rests, waits, controls, ambients, drives, waves, sweeps)
items = st.recursive(
    st.one_of(leaves, markers),
    lambda inner: st.builds(
        Block,
        st.sampled_from(NAMES) | words,
        st.lists(inner, min_size=1, max_size=3).map(tuple),
        st.one_of(whole, open_values),
        optional(st.text(st.characters(codec="utf-8"))),
    ),
    max_leaves=5,
)
start_values = st.one_of(numbers, input_names.map(Input))
states = st.one_of(
    st.builds(InitialState, st.just("soc"), st.floats(0, 100).map(Number)),
    st.builds(
        InitialState, st.just("soc"), input_names.map(Input), st.sampled_from(["percent", "auto"])
    ),
    st.builds(InitialState, st.just("voltage"), start_values),
)
globals_ = st.builds(
    Global,
    start_values,
    states,
    st.builds(Resolution, time=start_values, voltage=optional(start_values)),
)
safeties = st.builds(
    lambda chosen, goto: Safety(
        tuple(SafetyLimit(key, value, target) for key, (value, target) in chosen if value), goto
    ),
    st.tuples(
        *(
            st.tuples(st.just(key), st.tuples(optional(values), optional(gotos)))
            for key in ("voltage_max", "temperature_max", "discharge_current_max")
        )
    ),
    optional(gotos),
)
SETTING = Leaf("Control", set_variables=tuple(Assignment(name, Number(1)) for name in VARIABLES))
protocols = st.builds(
    lambda steps, settings, safety: Protocol((SETTING, *steps), settings, safety),
    st.lists(items, min_size=1, max_size=3),
    globals_,
    safeties,
)
