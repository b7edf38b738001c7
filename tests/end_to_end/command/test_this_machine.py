"""`ionworks doctor` and `serve`, help, completion, and how the program starts."""

import re
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest
import typer

import ionworks
from ionworks.cli.exits import MEANINGS
from ionworks.cli.main import app
from ionworks.server.jobs.worker import worker_thread
from tests.end_to_end.command.schemas import check
from tests.end_to_end.command.shell import KEY
from tests.paths import ROOT
from tests.unit.server.engines import QUICK
from tests.unit.server.fixtures import quickly_opened

COMMANDS = [each.name for each in app.registered_commands]
TESTS = [each.read_text() for each in Path(__file__).parent.glob("test_*.py")]


def test_doctor_reports_what_works_without_secrets(served_shell, engine_url):
    ran = served_shell("ionworks doctor --json")

    report = check("doctor", ran.json)
    checks = {each["name"]: each for each in report["checks"]}
    assert {each["status"] for each in checks.values()} == {"ok"}
    assert checks["settings"]["detail"].startswith(f"{engine_url} (IONWORKS_API_URL)")
    assert report["versions"]["pybamm"]
    assert KEY not in ran.out


def test_doctor_fails_with_the_code_of_what_is_wrong(served_shell):
    ran = served_shell("ionworks doctor", code=7, IONWORKS_API_URL="http://127.0.0.1:1")
    assert re.search(r"^error +connection ", ran.out, re.MULTILINE)
    served_shell("ionworks doctor", code=6, IONWORKS_API_KEY="wrong")


def test_without_settings_the_engine_of_this_machine_is_used_and_told(invoke_bare, monkeypatch):
    folder = invoke_bare.home / "data" / "ionworks"
    folder.parent.mkdir()

    def open_engine(given, *, starts_worker, cluster):
        assert (given, cluster) == (None, None)
        assert starts_worker is False
        return quickly_opened(folder, targets=QUICK, workers=1, factory=worker_thread)

    monkeypatch.setattr("ionworks.transport.engine.open_engine", open_engine)

    ran = invoke_bare("doctor --project default")

    assert "the engine on this machine is used" in ran.err
    assert re.search(r"^ok +settings +local \(default\)$", ran.out, re.MULTILINE)
    assert re.search(r"^ok +account +not needed, project default$", ran.out, re.MULTILINE)
    assert re.search(r"^ok +folder +~/data/ionworks: ", ran.out, re.MULTILINE)
    assert re.search(r"^ok +workers +one answered in ", ran.out, re.MULTILINE)
    assert str(invoke_bare.home) not in ran.out


def test_serve_has_the_options_of_the_served_engine(invoke_bare, monkeypatch):
    line = "--host 0.0.0.0 --port 0 --path cells --no-key --workers 1 --run-limit 60.0"
    line += " --check-limit 1.0 --public-url https://cells.example.com"
    # The engine itself takes them all, and refuses what they say before it starts.
    assert "--no-key would give access" in invoke_bare(f"ionworks serve {line}", code=2).err

    taken = []
    monkeypatch.setattr("ionworks.local.main", lambda given: taken.append(given) or 3)
    invoke_bare(f"serve {line}", code=3)

    assert taken == [line.split()]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("serve", "set IONWORKS_API_KEY"),
        ("serve --url local", "do not apply to serve"),
        ("serve --project P", "do not apply to serve"),
        ("dance", "dance"),
        ("list --colour", "--colour"),
    ],
)
def test_wrong_usage_is_told(invoke_bare, line, said):
    ran = invoke_bare(line, code=2)

    assert said in ran.err
    assert ran.out == ""


def test_each_command_has_help_that_says_what_its_json_is(shell):
    pages = {name: shell(f"ionworks {name} --help").out for name in COMMANDS}

    assert all(f"{name} [OPTIONS]" in page for name, page in pages.items())
    # These write figures, a line when the server is ready, and nothing.
    others = ["plot", "serve", "worker"]
    assert [name for name in pages if "The JSON " not in pages[name]] == others
    assert max(len(line) for page in pages.values() for line in page.splitlines()) <= 80


def test_the_help_lists_commands_and_exit_codes(shell):
    text = " ".join(shell("ionworks --help").out.split())

    assert [name for name in COMMANDS if f" {name} " not in text] == []
    for code, meaning in MEANINGS.items():
        assert f"{code:d} {meaning}" in text


def test_the_version_is_that_of_the_package(shell):
    assert shell("ionworks --version").out == f"ionworks {ionworks.__version__}\n"


def _options():
    """Yield the commands, and the forms of each of their options."""
    for each in app.registered_commands:
        for name, parameter in each.callback.__signature__.parameters.items():
            for info in getattr(parameter.annotation, "__metadata__", ()):
                if isinstance(info, typer.models.OptionInfo):
                    declared = [info.default, *(info.param_decls or ())]
                    forms = [part for part in declared if isinstance(part, str)]
                    forms = [part for form in forms for part in form.split("/")]
                    plain = name.replace("_", "-")
                    yield each.name, forms or [f"--{plain}", f"--no-{plain}"]


def test_each_option_is_used_by_a_test_of_its_command():
    def is_used(command, forms):
        texts = (text for text in TESTS if f"ionworks {command}" in text)
        pattern = "|".join(rf"(?<![\w-]){form}\b" for form in forms)
        return any(re.search(pattern, text) for text in texts)

    unused = [(command, forms) for command, forms in _options() if not is_used(command, forms)]
    # The seed is part of what a sweep tells, which the test passes on.
    known = {"--profile", "--url", "--project", "--json", "--quiet", "--debug", "--seed"}
    assert [each for each in unused if not known.intersection(each[1])] == []


def test_the_lines_of_the_documentation_have_commands_and_options_that_exist():
    known = {}
    for command, forms in _options():
        known.setdefault(command, set()).update(forms)
    page = (ROOT / "docs" / "command.md").read_text()
    blocks = re.findall(r"^```sh\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    text = re.sub(r"\\\n", " ", "".join(blocks))
    calls = re.findall(r"ionworks ([a-z]\S*)([^|;&#\n]*)", text)

    wrong = [
        (command, word)
        for command, rest in calls
        if command not in {"config", "cli"}
        for word in [command, *re.findall(r"(?<!\S)--?[a-z][a-z-]*", rest)]
        if word != command and word not in known[command]
    ]
    assert len(calls) > 20
    assert wrong == []


def test_completion_knows_commands_options_and_values(shell):
    def completed(line):
        words = {"COMP_WORDS": line, "COMP_CWORD": str(len(line.split()) - (line[-1] != " "))}
        ran = shell("ionworks", _IONWORKS_COMPLETE="complete_bash", **words)
        return ran.out.split()

    assert "--status" in completed("ionworks list --st")
    assert "studies" in completed("ionworks list st")


def test_the_installed_program_is_the_module():
    # `ionworks` in the shell of these tests is `python -m ionworks`.
    [script] = entry_points(group="console_scripts", name="ionworks") or [None]

    assert script is None or script.value == "ionworks.__main__:main"


def test_without_its_packages_the_command_names_the_extra(shell):
    # A module that cannot be found any more, as in an environment without the extra.
    hide = "import importlib.util as u; find = u.find_spec; u.find_spec = "
    hide += "lambda name, *rest: None if name == 'typer' else find(name, *rest); "
    program = f"{hide}from ionworks.__main__ import main; main()"

    ran = shell(f'{sys.executable} -c "{program}"', code=2)

    assert ran.err.count("\n") == 1
    assert "pip install 'ionworks-api[cli]' (typer missing)" in ran.err


def test_help_imports_neither_client_nor_frames(shell):
    program = "import sys; sys.argv = ['ionworks', '--help']; import ionworks.cli.main as m; "
    program += "import typer; heavy = {'httpx', 'polars', 'matplotlib', 'numpy', 'keyring'}; "
    program += "print(sorted(heavy & {*sys.modules}))"

    assert shell(f'{sys.executable} -c "{program}"').out == "[]\n"
