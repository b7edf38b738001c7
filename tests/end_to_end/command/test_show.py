"""`ionworks show`."""


def test_shows_a_record_whose_kind_it_finds_out(served_shell):
    [shown] = served_shell("ionworks show default --json").json
    assert (shown["kind"], shown["id"]) == ("project", "default")


def test_reads_ids_from_standard_input(served_shell):
    ran = served_shell("echo 'default spm-chen2020' | ionworks show - --json")
    assert [each["kind"] for each in ran.json] == ["project", "model"]


def test_an_unknown_id_has_an_exit_code_of_its_own(served_shell):
    ran = served_shell("ionworks show no-such-id", code=5)
    assert ran.out == ""
    assert "has the id 'no-such-id'" in ran.err
