"""`ionworks doctor` and `serve`, help, completion, and how the program starts."""

import os
import re
import signal
import sys
from importlib.metadata import entry_points
from pathlib import Path

import httpx
import pytest
import typer

import ionworks
from ionworks.cli.exits import MEANINGS
from ionworks.cli.main import app
from tests.end_to_end.command.schemas import check
from tests.end_to_end.command.shell import KEY
from tests.paths import ROOT

COMMANDS = [each.name for each in app.registered_commands]
TESTS = [each.read_text() for each in Path(__file__).parent.glob("test_*.py")]


def test_doctor_reports_what_works_without_secrets(invoke, engine_url):
    ran = invoke("doctor --json")

    report = check("doctor", ran.json)
    checks = {each["name"]: each for each in report["checks"]}
    assert {each["status"] for each in checks.values()} == {"ok"}
    assert checks["settings"]["detail"].startswith(f"{engine_url} (IONWORKS_API_URL)")
    assert report["versions"]["pybamm"]
    assert KEY not in ran.out


def test_doctor_fails_with_the_code_of_what_is_wrong(served_shell, invoke):
    ran = served_shell("ionworks doctor", code=7, IONWORKS_API_URL="http://127.0.0.1:1")
    assert re.search(r"^error +connection ", ran.out, re.MULTILINE)
    invoke("doctor", code=6, IONWORKS_API_KEY="wrong")


def test_without_settings_the_engine_of_this_machine_is_used_and_told(shell):
    ran = shell("ionworks doctor")

    assert "the engine on this machine is used" in ran.err
    assert re.search(r"^ok +settings +local \(default\)$", ran.out, re.MULTILINE)
    assert re.search(r"^ok +folder +~/data/ionworks: ", ran.out, re.MULTILINE)
    assert re.search(r"^ok +workers +one answered in ", ran.out, re.MULTILINE)
    assert str(shell.home) not in ran.out


def test_serve_writes_its_url_and_ends_on_ctrl_c(shell):
    line = "--host 127.0.0.1 --port 0 --path engine --workers 1 --run-limit 60 --check-limit 1"
    line = f"exec ionworks serve {line} --public-url https://cells.example.com"
    shell.environment["IONWORKS_API_KEY"] = KEY
    with shell.start(line) as process:
        url = process.stdout.readline().strip()
        health = httpx.get(f"{url}/healthz", headers={"X-API-Key": KEY}, timeout=60)
        os.killpg(process.pid, signal.SIGTERM)
        _, err = process.communicate(timeout=60)

    assert health.json()["status"] == "ok"
    assert process.returncode == 0
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("serve", "set IONWORKS_API_KEY"),
        ("serve --no-key --host 0.0.0.0", "--no-key would give access to everyone"),
        ("serve --url local", "do not apply to serve"),
        ("dance", "dance"),
        ("list --colour", "--colour"),
    ],
)
def test_wrong_usage_is_told(invoke_bare, line, said):
    ran = invoke_bare(line, code=2)

    assert said in ran.err
    assert ran.out == ""


def test_each_command_has_help_that_says_what_its_json_is(invoke_bare):
    pages = {name: invoke_bare(f"{name} --help").out for name in COMMANDS}

    assert all(f"{name} [OPTIONS]" in page for name, page in pages.items())
    # These write figures, and a line when the server is ready.
    assert [name for name in pages if "The JSON " not in pages[name]] == ["plot", "serve"]
    assert max(len(line) for page in pages.values() for line in page.splitlines()) <= 80


def test_the_help_lists_commands_and_exit_codes(shell):
    text = " ".join(shell("ionworks --help").out.split())

    assert [name for name in COMMANDS if f" {name} " not in text] == []
    for code, meaning in MEANINGS.items():
        assert f"{code:d} {meaning}" in text


def test_the_version_is_that_of_the_package(invoke_bare):
    assert invoke_bare("--version").out == f"ionworks {ionworks.__version__}\n"


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

    assert completed("ionworks hi") == ["history"]
    assert "--status" in completed("ionworks list --st")
    assert "studies" in completed("ionworks list st")


def test_the_module_is_the_same_program(shell, invoke_bare):
    # `ionworks` in the shell of these tests is `python -m ionworks`, as the entry point is.
    [script] = entry_points(group="console_scripts", name="ionworks") or [None]

    assert script is None or script.value == "ionworks.__main__:main"
    assert shell("ionworks list --help").out == invoke_bare("list --help").out


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
