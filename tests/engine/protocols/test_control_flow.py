"""Control flow of a protocol without a cell: blocks, jumps, cycle counts and limits."""

import pytest

from ionworks import ucp
from ionworks.engine.protocols import control_flow as flows
from ionworks.engine.protocols.control_flow import Flow, FlowError, lay_out


def route(steps):
    result = ucp.parse({"steps": steps})
    assert result.protocol is not None, result.errors
    return lay_out(result.protocol)


def rest(name, goto=None):
    end = "Voltage < 1" if goto is None else {"Voltage < 1": {"goto": goto}}
    return {"Rest": {"name": name, "duration": 1, "ends": [end]}}


def block(name, *steps, repeat=1):
    return {name: {"repeat": repeat, "steps": list(steps)}}


def walk(steps, jumps=None, *, limit=1000, most=50):
    """Return (name, cycle) of each step; ``jumps`` maps (name, visit) to the step's goto."""
    flow = Flow(route(steps), limit)
    jumps = jumps or {}
    visits, seen = {}, []

    def repeats(found):
        return ucp.evaluate(found.repeat, {})

    while len(seen) < most:
        found = flow.arrive(repeats)
        if found is None:
            return seen
        name = found.leaf.name
        number = visits[name] = visits.get(name, 0) + 1
        seen.append((name, flow.begin_step()))
        flow.follow(jumps.get((name, number)), name, repeats)
    return seen


def names(seen):
    return "".join(name for name, _ in seen)


def cycles(seen):
    return [cycle for _, cycle in seen]


A, B, C, D = (rest(name) for name in "abcd")


def to(name, *targets):
    """Return a step with a jump to each target."""
    return {
        "Rest": {
            "name": name,
            "duration": 1,
            "ends": [{"Voltage < 1": {"goto": t}} for t in targets],
        }
    }


def test_order_of_the_document():
    assert names(walk([A, block("X", B, C), D])) == "abcd"


@pytest.mark.parametrize(("repeat", "expected"), [(0, "ad"), (1, "abcd"), (3, "abcbcbcd")])
def test_repeat(repeat, expected):
    assert names(walk([A, block("X", B, C, repeat=repeat), D])) == expected


def test_nested_repeats_multiply_and_restart():
    steps = [block("X", A, block("Y", B, repeat=2), repeat=2)]
    assert names(walk(steps)) == "abbabb"


def test_end_marker_stops():
    assert names(walk([A, "End", B])) == "a"


def test_end_stops_and_next_continues():
    steps = [to("a", "End", "Next"), B]
    assert names(walk(steps, {("a", 1): "End"})) == "a"
    assert names(walk(steps, {("a", 1): "Next"})) == "ab"


def test_jump_forward_skips():
    assert names(walk([to("a", "c"), B, C], {("a", 1): "c"})) == "ac"


def test_jump_to_the_number_of_an_item():
    assert names(walk([to("a", 3), B, C], {("a", 1): 3})) == "ac"


def test_jump_back_repeats():
    assert names(walk([A, to("b", "a"), C], {("b", 1): "a"})) == "ababc"


def test_leaving_a_block_abandons_its_counter():
    steps = [block("X", A, to("b", "c"), repeat=3), to("c", "X"), D]
    # Left in its second iteration; entered again by name it runs three times.
    assert names(walk(steps, {("b", 2): "c", ("c", 1): "X"})) == "abab" + "c" + "ababab" + "cd"


def test_jump_inside_the_same_block_keeps_the_iteration():
    steps = [block("X", A, to("b", "a"), repeat=2), C]
    assert names(walk(steps, {("b", 1): "a"})) == "ab" + "ab" + "ab" + "c"


def test_jump_into_a_block_starts_its_first_iteration_there():
    steps = [to("a", "c"), block("X", B, C, repeat=2), D]
    assert names(walk(steps, {("a", 1): "c"})) == "acbcd"


def test_jump_to_the_enclosing_block_restarts_it():
    steps = [block("X", A, to("b", "X"), repeat=2), C]
    assert names(walk(steps, {("b", 2): "X"})) == "abab" + "abab" + "c"


def test_jump_from_an_inner_to_an_outer_item_closes_the_inner_block():
    steps = [block("X", A, block("Y", to("b", "a"), repeat=2), repeat=2), C]
    assert names(walk(steps, {("b", 1): "a"})) == "ab" + "abb" + "abb" + "c"


def test_jump_to_itself_is_backward():
    steps = [to("a", "a"), B]
    jumps = {("a", n): "a" for n in range(1, 10)}
    assert names(walk(steps, {("a", 1): "a"}, limit=1)) == "aab"
    with pytest.raises(FlowError, match=r"a jumps back to 'a', but .* 3 backward jumps"):
        walk(steps, jumps, limit=3)


def test_the_jump_after_the_maximum_fails():
    steps = [A, to("b", "a")]
    assert len(walk(steps, {("b", n): "a" for n in range(1, 6)}, limit=5)) == 12
    with pytest.raises(FlowError, match="max_backward_jumps"):
        walk(steps, {("b", n): "a" for n in range(1, 7)}, limit=5)


def test_a_maximum_of_zero_allows_forward_jumps_and_repeats():
    steps = [to("a", "X"), B, block("X", C, repeat=4)]
    seen = walk(steps, {("a", 1): "X"}, limit=0)
    assert names(seen) == "acccc"


def test_default_maximum():
    flow = Flow(route([A]))
    assert flow.max_backward_jumps == 1000


def test_cycles_count_iterations_of_the_outermost_repeat():
    steps = [A, block("X", B, block("Y", C, repeat=2), repeat=2), D]
    seen = walk(steps)
    assert names(seen) == "abccbccd"
    assert cycles(seen) == [0, 0, 0, 0, 1, 1, 1, 2]


def test_a_block_that_runs_once_leaves_counting_to_blocks_inside():
    seen = walk([block("X", A, block("Y", B, repeat=2)), C])
    assert cycles(seen) == [0, 0, 1, 2]


def test_leaving_the_last_block_counts_no_cycle():
    flow = Flow(route([block("X", A, repeat=2)]))
    while flow.arrive(lambda found: ucp.evaluate(found.repeat, {})):
        flow.begin_step()
        flow.proceed()
    assert flow.cycle == 1


def test_advance_cycle_marker():
    assert cycles(walk([A, "Advance cycle", B, "Cycle", "Pause", C])) == [0, 1, 2]


def test_leaving_a_repeat_by_a_jump_begins_a_cycle():
    seen = walk([block("X", to("a", "b"), repeat=5), B], {("a", 2): "b"})
    assert seen == [("a", 0), ("a", 1), ("b", 2)]


@pytest.mark.parametrize("repeat", [2.5, -1])
def test_a_repeat_that_is_not_a_whole_number(repeat):
    flow = Flow(
        route(
            [block("X", A, repeat="VAR"), {"Control": {"set_variable": {"name": "VAR", "eval": 1}}}]
        )
    )
    with pytest.raises(FlowError, match=rf"steps\[0\].X.repeat: {repeat:g} is not a whole number"):
        flow.arrive(lambda _: repeat)


def test_a_repeat_is_rounded_within_a_billionth():
    flow = Flow(route([block("X", A, repeat=2)]))
    count = 0
    while flow.arrive(lambda _: 2 + 1e-10):
        count += 1
        flow.proceed()
    assert count == 2


def test_the_number_of_steps_is_capped(monkeypatch):
    monkeypatch.setattr(flows, "MAX_STEPS", 10)
    assert len(walk([block("X", A, repeat=10)])) == 10
    with pytest.raises(FlowError, match="executed 10 steps"):
        walk([block("X", A, repeat=11)])


def test_blocks_without_steps_cannot_repeat_endlessly(monkeypatch):
    monkeypatch.setattr(flows, "MAX_VISITS", 100)
    with pytest.raises(FlowError, match="passed more than 100"):
        walk([block("X", "Pause", repeat=60), A])


def test_the_place_of_the_next_step_in_words():
    flow = Flow(route([A, block("X", B, repeat=2), C, block("Y", D, A, repeat=3)]))
    places = []
    while (found := flow.arrive(lambda each: ucp.evaluate(each.repeat, {}))) is not None:
        places.append((found.leaf.name, flow.place))
        assert flow.place.startswith(f"cycle {flow.begin_step() + 1}") or not flow.place
        flow.proceed()

    assert places == [
        ("a", ""),
        ("b", "cycle 1 of 2"),
        ("b", "cycle 2 of 2"),
        ("c", "cycle 3"),
        *[(name, f"cycle {2 + n} ({n} of 3)") for n in (1, 2, 3) for name in "da"],
    ]


def test_the_share_of_the_steps_that_is_done():
    inner = block("Inner", B, C, repeat=2)
    flow = Flow(route([A, block("Outer", inner, D, repeat=3), block("None", A, repeat=0)]))

    def repeats(found):
        return ucp.evaluate(found.repeat, {})

    shares = []
    while flow.arrive(repeats) is not None:
        shares.append(flow.share_done(repeats))
        flow.proceed()

    # One step, and three times five.
    assert shares == [number / 16 for number in range(16)]
    assert flow.share_done(repeats) == 1
    without_steps = Flow(route([block("None", A, repeat=0)]))
    assert without_steps.share_done(repeats) == 1
