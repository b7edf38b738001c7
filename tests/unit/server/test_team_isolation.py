"""Two users of two projects: neither finds a way to the records of the other.

For each operation of the contract, `team_ways` has requests of one user with ids of the other, in
the path, the query and the body. The reply must be the one to an id that does not exist, and must
not have a text of the other user in it. A new operation without an entry fails, and so does an id
or a text of a query that no request has.
"""

import re

import orjson
import pytest

from ionworks.server.routing import routes
from ionworks.server.team import directory
from ionworks_api_client.api import OPERATIONS
from tests.unit.server.fixtures import one_contract
from tests.unit.server.team_ways import MARK, WAYS, asked, filled_in, neutral, unknown_like
from tests.unit.server.teams import contents, filled, joined, opened_team, shown_to

#: Texts of queries that are times, or say which part of a record is wanted, and in which order.
_SELECT_NONE = re.compile(
    r".*_(at|gt|lt)|changed_since|order_by|columns|x_column|objective(_name)?|source|include|status"
    r"|job_type"
)
#: Ids in bodies that are of no record of a project. Owners may make all users of their organization
#: members, see `test_team_roles`.
_NO_IDS = {"batch_id", "project_role_id", "raw_data_ids", "user_id"}


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    app = opened_team(tmp_path_factory.mktemp("team") / "engine")
    directory.add_organization(app.services.store, "Elsewhere")
    yield app
    app.close()


@pytest.fixture(scope="module")
def owner(app):
    return joined(app, MARK.lower())


@pytest.fixture(scope="module")
def theirs(owner):
    """The ids of the records that others may not reach."""
    return filled(owner, MARK)


@pytest.fixture(scope="module", params=["Lab", "Elsewhere"])
def asker(app, request):
    """A user of the same organization, or of another one, with a project of the same contents."""
    return joined(app, f"asker-{request.param.lower()}", request.param)


@pytest.fixture(scope="module")
def own(asker):
    return filled(asker, f"Own {asker.email}")


@pytest.fixture(scope="module")
def unknown(theirs):
    return unknown_like(theirs)


def test_each_operation_of_the_contract_is_tried():
    assert set(WAYS) == {route.operation_id for route in routes()}


@pytest.mark.parametrize("operation_id", WAYS)
def test_each_text_of_a_query_and_each_id_of_a_body_is_tried(operation_id):
    """What the contract allows to be the id, name or another text of somebody else."""
    tried = {
        name
        for _, given in WAYS[operation_id]
        for part in ("query", "body", "data")
        for name, value in _fields(given.get(part, {}))
        if re.search(rf"\{{(?!own)|{MARK}", str(value), re.IGNORECASE)
    }
    assert _texts_of(operation_id) - tried == set()


@pytest.mark.off_contract("some requests have ids where the contract has names, and the other way")
@pytest.mark.parametrize("operation_id", WAYS)
def test_ids_and_names_of_others_look_unknown(operation_id, asker, own, theirs, unknown):
    for path, given in _tried(operation_id, asker):
        reply = asked(asker.api, operation_id, path, given, own, theirs)
        same = asked(asker.api, operation_id, path, given, own, unknown)

        assert reply.status_code < 500 or reply.status_code == 501, reply.text
        assert (reply.status_code, neutral(reply, theirs)) == (
            same.status_code,
            neutral(same, unknown),
        )
        if operation_id not in ("get_health", "get_openapi"):
            shown = _without_given(reply, path, given)
            assert not re.search(MARK, shown, re.IGNORECASE), shown
            text = _sent(path or OPERATIONS[operation_id].path, given, theirs)
            sent = {key for key, value in theirs.items() if value in text}
            assert not [
                key for key, value in theirs.items() if key not in sent and value in reply.text
            ]


def test_nothing_of_others_has_changed(app, owner, theirs, asker, own, unknown):
    before, (rows, files) = contents(app), shown_to(app, owner)
    for operation_id in WAYS:
        if OPERATIONS[operation_id].method == "GET":
            continue
        for path, given in _tried(operation_id, asker):
            asked(asker.api, operation_id, path, given, own, theirs)

    assert _touched(before, contents(app), theirs) == []
    after, kept = shown_to(app, owner)
    assert rows ^ after == set()
    assert files.items() <= kept.items()
    kept = owner.api.get(f"/simulations/{theirs['simulation_id']}/result")
    assert kept.status_code == 200


def _fields(content):
    """Yield names and values of the fields of a body, at any depth."""
    for name, value in content.items():
        yield name, value
        if isinstance(value, dict):
            yield from _fields(value)


def _texts_of(operation_id):
    """Return the texts of an operation's query by which it selects, and the ids in its body."""
    contract = one_contract()
    part = contract._operations[operation_id]
    parameters = map(contract.resolve, [*part["shared"], *part.get("parameters", ())])
    texts = {each["name"] for each in parameters if each["in"] == "query" and _is_text(each)}
    content = contract.resolve(part.get("requestBody", {})).get("content", {})
    names = {
        name
        for each in content.values()
        for name in contract.resolve(each["schema"]).get("properties", {})
    }
    return {name for name in texts if not _SELECT_NONE.fullmatch(name)} | {
        name for name in names if re.search(r"_ids?$", name) and name not in _NO_IDS
    }


def _is_text(parameter):
    schema = parameter["schema"]
    kinds = [schema, *schema.get("anyOf", ()), schema.get("items", {})]
    return any(each.get("type") == "string" and not {"enum", "format"} & {*each} for each in kinds)


def _tried(operation_id, asker):
    """Return the ways to try: materials are shared by the users of an organization."""
    shares_materials = "lab" in asker.email
    return [
        (path, given)
        for path, given in WAYS[operation_id]
        if not (shares_materials and "{material_id}" in orjson.dumps(given, default=str).decode())
    ]


def _sent(path, given, ids):
    return filled_in(f"{path} {orjson.dumps(given, default=str).decode()}", ids, ids)


def _without_given(reply, path, given):
    """Return a reply without the texts that the request itself had, which errors repeat."""
    shown = reply.text
    texts = [path or "", *re.findall(r"[^\"{}\[\],:%]+", orjson.dumps(given, default=str).decode())]
    for text in sorted((each for each in texts if MARK.lower() in each.lower()), key=len):
        for part in re.findall(rf"{MARK}[\w ]*", text, re.IGNORECASE):
            shown = shown.replace(part, "given")
    return shown


def _touched(before, after, theirs):
    """Return the rows that are gone, changed or new, and have a text or id of the other user."""
    texts = {MARK.lower(), *(each.lower() for each in theirs.values())}
    return [
        row
        for row in before ^ after
        if any(text in each.lower() for each in row if isinstance(each, str) for text in texts)
    ]
