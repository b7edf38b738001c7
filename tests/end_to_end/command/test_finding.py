"""`ionworks list`, `show`, `history` and `models`."""

import re

import pytest

from ionworks import Ionworks
from tests.end_to_end.command.schemas import check
from tests.end_to_end.command.shell import KEY

LISTS = [
    "simulations --since 2020-01-01 --before 2999-01-01 --order-by name --order asc",
    "--model spm-chen2020 --project default",
    "--all --name sweep",
    "models",
    "projects",
    "protocols",
]
EMPTY_LISTS = [
    "studies --name none",
    "pipelines --name none --status failed",
    "simple-pipelines --name none",
    "measurements --spec none",
    "specs --name none",
]


def test_a_list_is_json_of_records(served_shell, completed, failed):
    ran = served_shell("ionworks list --status completed --status failed --json --limit 1000")

    assert {completed[0], failed} <= {each["id"] for each in check("list", ran.json)}


@pytest.mark.parametrize("what", LISTS)
def test_records_of_all_kinds_are_listed(invoke, completed, what):
    assert check("list", invoke(f"list {what} --json").json)


@pytest.mark.parametrize(("options", "lines"), [("", 3), ("--ids", 1)])
def test_a_list_says_if_there_are_more(invoke, completed, options, lines):
    ran = invoke(f"list --limit 1 {options}")

    assert len(ran.out.splitlines()) == lines
    assert ran.err.startswith("1 of ")


@pytest.mark.parametrize("what", EMPTY_LISTS)
def test_a_list_can_be_empty(invoke, what):
    assert check("list", invoke(f"list {what} --json").json) == []


@pytest.mark.parametrize("kind", ["pipeline", "simple_pipeline"])
def test_wildcards_in_a_name_match_themselves(invoke, engine_client, kind):
    config = {"elements": {"entry": {"element_type": "entry", "values": {"a": 1.0}}}}
    resource = getattr(engine_client, kind)
    ids = {name: resource.create(config, name=name).id for name in ("50% a_b*", "50 of axb")}

    for name in ("50%", "a_b", "b*", "A_B"):
        line = f"list {kind.replace('_', '-')}s --name '{name}' --ids"
        assert invoke(line).out.split() == [ids["50% a_b*"]]


def test_a_list_of_an_unknown_study_is_refused(invoke):
    assert "There is no study with the id 'none'" in invoke("list --study none", code=5).err


def test_a_list_for_people_is_a_table_that_is_not_cut_off_in_a_pipe(invoke, completed):
    ran = invoke("list --name sweep")

    heading, _, *rows = ran.out.splitlines()
    assert re.split(r"  +", heading)[:3] == ["id", "name", "status"]
    assert re.split(r"  +", rows[0])[:3] == [completed[1], "Sweep 2/2", "completed"]


def test_ids_can_be_json_too(invoke, completed):
    assert invoke("list --name 'sweep 2/2' --ids --json").json == [completed[1]]


def test_ids_of_a_list_are_read_by_another_command(served_shell, completed):
    ran = served_shell(
        "ionworks list --name sweep --order-by name --order asc --ids | ionworks show - --json"
    )

    found = check("show", ran.json)
    assert [each["id"] for each in found] == completed
    assert found[0]["design_parameters"] == {"thickness": 1.5}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("list projects --study S", "projects have no filter --study"),
        ("list cells", "cells belong to a specification"),
        ("list dogs", "dogs"),
        ("list --since yesterday", "'yesterday' is not a date"),
        ("list --before soon", "'soon' is not a date"),
        ("history --since yesterday", "'yesterday' is not a date"),
        ("models --parameters", "give the id of a model"),
        ("models --parameters --variables spm-chen2020", "cannot be combined"),
        ("history", "the history of this client is turned off"),
    ],
)
def test_wrong_usage_is_told(invoke, line, said):
    ran = invoke(line, code=2)

    assert said in ran.err
    assert ran.out == ""


def test_show_finds_out_what_an_id_is_of(served_shell, completed):
    ran = served_shell(f"ionworks show {completed[0]} default spm-chen2020 --json")

    kinds = [each["kind"] for each in check("show", ran.json)]
    assert kinds == ["simulation", "project", "model"]


def test_show_for_people_names_records_and_nests_values(invoke, completed):
    ran = invoke(f"show --kind simulation {completed[0]}")

    assert re.search(r"^parameterized model +SPM Chen2020 \(spm-chen2020\)$", ran.out, re.MULTILINE)
    assert re.search(r"^  thickness +1.5$", ran.out, re.MULTILINE)


def test_an_unknown_id_has_an_exit_code_of_its_own(served_shell):
    ran = served_shell("ionworks show no-such-id", code=5)

    assert ran.out == ""
    assert "has the id 'no-such-id'" in ran.err
    assert (
        "no pipeline with the id"
        in served_shell("ionworks show --kind pipeline no-such-id", code=5).err
    )


def test_models_are_found_by_their_words(served_shell):
    found = check("models", served_shell("ionworks models 'LG M50' --json").json)

    assert "spm-chen2020" in {each["id"] for each in found}
    assert "spm-ai2020" not in {each["id"] for each in found}


def test_the_parameters_and_variables_of_a_model(invoke):
    values = invoke("ionworks models --parameters spm-chen2020 --json").json
    names = invoke("models --variables spm-chen2020 --json").json

    assert check("models --parameters", values)["thickness"] == 1.0
    assert check("models --variables", names) == ["Voltage [V]"]
    shown = invoke("models --parameters spm-chen2020").out
    assert re.search(r"^ocv +\(function or table\)$", shown, re.MULTILINE)


def test_the_history_has_what_was_submitted_here(invoke, engine_url):
    config = {
        "parameterized_model": "spm-chen2020",
        "protocol_experiment": {"protocol": ["Rest for 1 minute"], "name": "Noted"},
    }
    with Ionworks(api_key=KEY, api_url=engine_url, project_id="default", history=True) as client:
        run = client.simulation.protocol(config)
    remembered = {"IONWORKS_HISTORY": "1"}

    line = "ionworks history --name noted --since 2020-01-01 --limit 5 --json"
    [entry] = check("history", invoke(line, **remembered).json)
    assert entry["ids"] == [run.simulation_id]
    assert invoke("history --ids", **remembered).out == f"{run.simulation_id}\n"
    elsewhere = remembered | {"IONWORKS_API_URL": "local"}
    assert invoke("history --ids", **elsewhere).out == ""
    assert engine_url in invoke("history --everywhere", **elsewhere).out


def test_a_reader_that_has_read_enough_is_no_error(served_shell):
    ran = served_shell('{ ionworks list models --json; echo "code $?" >&2; } | true')

    assert ran.err == "code 0\n"
