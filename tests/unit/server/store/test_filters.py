"""The filter grammar: every operator on every column against plain Python, and hostile input."""

import re
import sqlite3
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from ionworks.server.http.problems import Problem
from ionworks.server.store import filters
from ionworks.server.store.database import Store, timestamp
from ionworks.server.store.filters import GRAMMATICAL, TIMES
from tests import databases

metadata = sa.MetaData()
table = sa.Table(
    "things",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    *(sa.Column(name, sa.Text) for name in GRAMMATICAL if name != "created_by_email"),
    sa.Column("batch_id", sa.Text),
    sa.Column("details", sa.JSON),
)
TEXTS = [name for name in GRAMMATICAL if name not in (*TIMES, "created_by_email")]
MOMENT = datetime(2026, 5, 14, 9, 30, tzinfo=UTC)

# Letters of both cases, wildcards of LIKE and GLOB, quotes, and the syntax of lists and SQL.
few = settings(max_examples=40)  # of each of many columns
texts = st.text("aAbBéÉßΩω%_*?[]^-\\'\"(),.;{} \n", max_size=6)
moments = st.integers(-5, 5).map(lambda hours: MOMENT + timedelta(hours=hours))


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    store = Store(tmp_path_factory.mktemp("filters"))
    with store.writing() as connection:
        metadata.create_all(connection)
    yield store
    store.close()


def found(store, records, query):
    """Return the numbers of the records a query finds among some, which are rolled back."""
    with store.writing() as connection:
        connection.execute(sa.insert(table), [{"number": n, **r} for n, r in enumerate(records)])
        where = filters.conditions(table, query)
        numbers = set(connection.scalars(sa.select(table.c.number).where(*where)))
        connection.rollback()
    return numbers


def matches(pattern, text, *, any_case):
    """LIKE in Python: % is any text, _ any character, a backslash escapes the next one."""
    if any_case:
        pattern, text = pattern.lower(), text.lower()
    parts, characters = [], iter(pattern)
    for character in characters:
        if character == "\\":
            parts.append(re.escape(next(characters)))
        else:
            parts.append({"%": ".*", "_": "."}.get(character) or re.escape(character))
    return re.fullmatch("".join(parts), text, re.DOTALL) is not None


REFERENCE = {
    "eq": lambda value, operand: value == operand,
    "neq": lambda value, operand: value != operand,
    "gt": lambda value, operand: value > operand,
    "gte": lambda value, operand: value >= operand,
    "lt": lambda value, operand: value < operand,
    "lte": lambda value, operand: value <= operand,
    "like": lambda value, operand: matches(operand, value, any_case=False),
    "ilike": lambda value, operand: matches(operand, value, any_case=True),
}
COMPARISONS = [name for name in REFERENCE if not name.endswith("like")]


def quoted(member):
    return '"' + re.sub(r'(["\\])', r"\\\1", member) + '"'


@pytest.mark.parametrize("column", TEXTS)
@pytest.mark.parametrize("operator", REFERENCE)
@few
@given(st.lists(st.none() | texts, min_size=1, max_size=8), texts)
def test_every_operator_on_every_text(store, column, operator, values, operand):
    if operator.endswith("like"):
        operand = operand.removesuffix("\\")
        if (len(operand) - len(operand.rstrip("\\"))) % 2:
            operand += "%"
    expected = {
        number
        for number, value in enumerate(values)
        if value is not None and REFERENCE[operator](value, operand)
    }

    records = [{column: value} for value in values]

    assert found(store, records, {column: f"{operator}.{operand}"}) == expected


@pytest.mark.parametrize("column", TIMES)
@pytest.mark.parametrize("operator", COMPARISONS)
@few
@given(st.lists(st.none() | moments, min_size=1, max_size=8), moments, st.integers(-12, 12))
def test_every_comparison_on_every_time(store, column, operator, values, operand, zone):
    expected = {
        number
        for number, value in enumerate(values)
        if value is not None and REFERENCE[operator](value, operand)
    }
    records = [{column: value and timestamp(value)} for value in values]
    # The same moment in another time zone.
    text = operand.astimezone(tz=timezone(timedelta(hours=zone))).isoformat()

    assert found(store, records, {column: f"{operator}.{text}"}) == expected


@pytest.mark.parametrize("column", TIMES)
@pytest.mark.parametrize(("suffix", "operator"), [("_gt", "gte"), ("_lt", "lte")])
@few
@given(st.lists(st.none() | moments, min_size=1, max_size=8), moments)
def test_ranges_include_their_ends(store, column, suffix, operator, values, operand):
    expected = {
        number
        for number, value in enumerate(values)
        if value is not None and REFERENCE[operator](value, operand)
    }
    records = [{column: value and timestamp(value)} for value in values]

    assert found(store, records, {f"{column}{suffix}": operand.isoformat()}) == expected


@pytest.mark.parametrize("column", TEXTS)
@few
@given(st.lists(st.none() | texts, min_size=1, max_size=8), st.lists(texts, max_size=4))
def test_members_of_a_list(store, column, values, members):
    expected = {number for number, value in enumerate(values) if value in members}
    records = [{column: value} for value in values]
    query = {column: f"in.({','.join(map(quoted, members))})"}

    assert found(store, records, query) == expected


@given(st.lists(st.none() | moments, min_size=1, max_size=8), st.lists(moments, max_size=4))
def test_times_in_a_list(store, values, members):
    expected = {number for number, value in enumerate(values) if value in members}
    records = [{"start_time": value and timestamp(value)} for value in values]
    query = {"start_time": f"in.({','.join(each.isoformat() for each in members)})"}

    assert found(store, records, query) == expected


@pytest.mark.parametrize("column", TEXTS)
@few
@given(texts.filter(lambda text: not re.match(r"[a-z]+\.", text)))
def test_a_bare_value_is_equality(store, column, value):
    assert found(store, [{column: value}, {column: value + "x"}], {column: value}) == {0}


@given(texts)
def test_a_column_without_filters_is_compared_for_equality(store, value):
    records = [{"batch_id": value}, {"batch_id": f"eq.{value}"}]

    assert found(store, records, {"batch_id": f"eq.{value}"}) == {1}


@pytest.mark.parametrize("operator", [*REFERENCE, "in"])
def test_the_empty_author_column_matches_nothing(store, operator):
    value = "(a)" if operator == "in" else "a"

    assert found(store, [{}], {"created_by_email": f"{operator}.{value}"}) == set()


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (
            {"name": "contains.x"},
            "unknown operator 'contains'; valid operators: eq, neq, .*Write eq.contains.x",
        ),
        ({"name": "not.eq.x"}, "unknown operator 'not'"),
        ({"name": "cell.v2"}, "Write eq.cell.v2 for the text itself"),
        ({"name": "is.null"}, "unknown operator 'is'"),
        ({"created_by_email": "jane.doe@example.com"}, "unknown operator 'jane'"),
        ({"name": "in.a,b"}, "'a,b' is not a list such as"),
        ({"name": "in.(a"}, "is not a list"),
        ({"name": 'in.("a)'}, "is not a list"),
        ({"name": 'in.("a"b)'}, "is not a list"),
        ({"name": "in.(a(b))"}, "is not a list"),
        ({"name": "like.a\\"}, "ends in a backslash"),
        ({"name": f"ilike.{'%a' * 600}"}, "longer than 1000"),
        ({"name": f"in.({'a,' * 1000}a)"}, "more than 1000 members"),
        ({"created_at": "ilike.%2026%"}, "'ilike' compares texts, and created_at is a time"),
        ({"created_at": "gte.yesterday"}, "'yesterday' is not an ISO 8601"),
        ({"updated_at": "in.(2026-01-01,soon)"}, "'soon' is not an ISO 8601"),
        ({"start_time_gt": "9999-12-31T23:59:59-14:00"}, "not an ISO 8601"),
        ({"updated_at_lt": ""}, "'' is not an ISO 8601"),
    ],
)
def test_a_malformed_filter_is_rejected_with_a_message(query, words):
    with pytest.raises(Problem, match=words) as caught:
        filters.conditions(table, query)

    assert caught.value.status == 422
    assert caught.value.detail[0]["loc"] == ["query", next(iter(query))]


@pytest.mark.parametrize("name", ["colour", "number", "details", "name; DROP TABLE things", ""])
def test_an_unknown_order_is_rejected_with_the_valid_ones(name):
    with pytest.raises(Problem, match="known: id, name") as caught:
        filters.order(table, {"order_by": name})

    assert caught.value.status == 422


@given(st.lists(st.none() | moments, max_size=8), st.sampled_from(["asc", "desc"]))
def test_order_is_total_with_nulls_last(store, values, direction):
    records = [{"start_time": value and timestamp(value)} for value in values]
    query = {"order_by": "start_time", "order": direction}
    with store.writing() as connection:
        connection.execute(sa.delete(table))
        if records:
            rows = [{"number": n, **r} for n, r in enumerate(records)]
            connection.execute(sa.insert(table), rows)
        statement = sa.select(table.c.number).order_by(*filters.order(table, query))
        listed = list(connection.scalars(statement))

    numbered = [(value, number) for number, value in enumerate(values)]
    known = sorted((each for each in numbered if each[0]), reverse=direction == "desc")
    missing = sorted((each[1] for each in numbered if not each[0]), reverse=direction == "desc")
    assert listed == [number for _, number in known] + missing


INJECTIONS = [
    "' OR '1'='1",
    "'; DROP TABLE projects; --",
    'x" OR 1=1 --',
    "\\' OR 1=1 --",
    "%' UNION SELECT id, name FROM models --",
    "') OR 1=1 --",
    "NULL",
    "1; ATTACH DATABASE '/tmp/x' AS x",
    "[a-z]*",
    "*",
]


@pytest.fixture(scope="module")
def projects(shared_api):
    for name in ("Alpha", "beta"):
        shared_api.post("/projects", json={"name": name})


@pytest.mark.parametrize(
    "template", ["{}", "eq.{}", "ilike.{}", "like.{}", "in.({})", 'in.("{}")', "gt.{}", "lt.{}"]
)
def test_injections_are_compared_as_text_and_break_nothing(
    shared_api, shared_app, projects, template
):
    for text in INJECTIONS:
        value = template.format(text)
        reply = shared_api.get("/projects", params={"name": value})
        assert reply.status_code in (200, 422)
        if reply.status_code == 200:
            operator, _, operand = value.partition(".")
            names = {"Default project", "Alpha", "beta"} if operator in ("gt", "lt") else set()
            expected = {name for name in names if REFERENCE[operator](name, operand)}
            assert {item["name"] for item in reply.json()["items"]} == expected

    assert shared_api.get("/projects").json()["total"] == 3
    if databases.SERVER is None:
        database = sqlite3.connect(shared_app.folder / "ionworks.sqlite")
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        database.close()


@pytest.mark.parametrize("name", ["project_id", "order_by", "created_at_gt", "colour", "name'--"])
def test_injections_in_other_parameters_are_rejected_or_find_nothing(shared_api, name):
    for text in INJECTIONS:
        reply = shared_api.get("/models", params={"project_id": "default", name: text})

        assert reply.status_code == 422 or reply.json()["items"] == []
