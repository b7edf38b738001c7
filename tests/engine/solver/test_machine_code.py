"""Compiling CasADi functions, and the folder they are kept in."""

import json
import math
import os
import shlex
import subprocess
import sys
import threading
import time
from pathlib import Path

import casadi
import psutil
import pytest

from ionworks.engine.solver import machine_code
from ionworks.engine.solver.machine_code import CompilationError, build, find, has_failed

KEY = "0123456789abcdef"
CC = ("cc",)
ARGUMENTS = [[0.5, [0.3, 1.7]]]
DAY = 86400


def wave():
    time_, state = casadi.SX.sym("t"), casadi.SX.sym("y", 2)
    return casadi.Function("wave", [time_, state], [casadi.sin(time_ * state)])


def request(compiler=CC):
    return {
        "compiler": list(compiler),
        "functions": [wave().serialize()],
        "arguments": ARGUMENTS,
    }


def always():
    return True


def program(path, *lines):
    """Write a shell script that plays a compiler."""
    path.write_text("\n".join(["#!/bin/sh", *lines]))
    path.chmod(0o700)
    return [str(path)]


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "cache" / "compiled"


def test_compiled_values_are_those_of_the_interpreter(folder):
    path = build(folder, KEY, request(), always)
    compiled = casadi.external("wave", str(path))
    points = [(0.1 * step, [step, -0.7 * step]) for step in range(50)]
    assert all(compiled(*each).nonzeros() == wave()(*each).nonzeros() for each in points)


def test_a_function_is_compiled_once(folder):
    path = build(folder, KEY, request(), always)
    assert build(folder, KEY, request(["no-such-compiler"]), always) == path


def test_only_the_user_can_read_or_write_the_files(folder):
    path = build(folder, KEY, request(), always)
    assert path.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


def test_no_scratch_file_is_left(folder):
    path = build(folder, KEY, request(), always)
    assert {each.name for each in folder.iterdir()} == {path.name, f"{KEY}.lock"}


def truncated(path):
    path.write_bytes(path.read_bytes()[:-1])


def writable_by_the_group(path):
    path.chmod(0o620)


def owned_by_another_user(path):
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    os.chown(path, 65534, 65534)


def linked(path):
    elsewhere = path.with_suffix(".elsewhere")
    path.rename(elsewhere)
    path.symlink_to(elsewhere)


@pytest.mark.parametrize(
    "damage", [truncated, writable_by_the_group, owned_by_another_user, linked]
)
def test_a_damaged_or_foreign_file_is_not_loaded_and_compiled_again(folder, damage):
    content = (path := build(folder, KEY, request(), always)).read_bytes()
    damage(path)
    assert find(folder, KEY) is None
    assert not path.is_symlink()
    assert not path.exists()
    assert build(folder, KEY, request(), always).read_bytes() == content


def test_a_folder_others_may_write_to_is_not_used(folder):
    build(folder, KEY, request(), always)
    folder.chmod(0o770)
    assert find(folder, KEY) is None
    with pytest.raises(PermissionError, match="others may write"):
        build(folder, KEY, request(), always)


def test_a_compiler_that_fails_is_asked_once_a_day(folder, tmp_path):
    log = tmp_path / "log"
    failing = program(tmp_path / "failing", f"echo >>{log}", "echo 'out of order' >&2", "exit 3")
    with pytest.raises(CompilationError, match="ended with 3: out of order"):
        build(folder, KEY, request(failing), always)
    with pytest.raises(CompilationError, match="earlier"):
        build(folder, KEY, request(failing), always)
    assert len(log.read_text()) == 1
    assert has_failed(folder, KEY)

    [marker] = folder.glob("*.failed")
    os.utime(marker, (time.time() - 2 * DAY,) * 2)
    assert not has_failed(folder, KEY)
    build(folder, KEY, request(), always)


def test_a_missing_compiler_is_named(folder):
    with pytest.raises(CompilationError, match="no-such-compiler"):
        build(folder, KEY, request(["no-such-compiler"]), always)


def test_a_compiler_that_hangs_is_stopped(folder, tmp_path):
    hanging = program(tmp_path / "hanging", "exec sleep 1000")
    with pytest.raises(CompilationError, match="longer than 0 s"):
        build(folder, KEY, request(hanging), always, limit=0.0)
    assert has_failed(folder, KEY)


def has_ended(pid):
    """Return whether a process ends soon; a killed one does so a moment after the signal."""
    pause = threading.Event()
    for _ in range(3000):
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        pause.wait(0.02)
    return False


def test_a_compiler_that_is_not_wanted_any_more_is_stopped_with_its_children(folder, tmp_path):
    pids = tmp_path / "pids"
    hanging = program(
        tmp_path / "hanging", "sleep 1000 &", f"echo $$ $! >{pids}.new", f"mv {pids}.new {pids}",
        "wait",
    )  # fmt: skip
    with pytest.raises(CompilationError, match="not wanted"):
        build(folder, KEY, request(hanging), lambda: not pids.exists())
    assert all(has_ended(int(pid)) for pid in pids.read_text().split())
    # It is not the compiler's fault.
    assert not has_failed(folder, KEY)


def test_code_with_other_values_is_refused(folder, tmp_path):
    wrong = program(
        tmp_path / "wrong", "for each; do case $each in",
        "*.c) sed 's/sin(/cos(/' $each >$each.new; mv $each.new $each;; esac; done", 'exec cc "$@"',
    )  # fmt: skip
    with pytest.raises(CompilationError, match="wave has other values"):
        build(folder, KEY, request(wrong), always)
    assert find(folder, KEY) is None


def test_other_rounding_of_large_terms_that_cancel_is_accepted(folder, tmp_path):
    time_, state = casadi.SX.sym("t"), casadi.SX.sym("y", 2)
    near_zero = casadi.sin(time_ * state[0]) - math.sin(0.15 + 1e-7)
    function = casadi.Function("residual", [time_, state], [near_zero])
    rounded = program(
        tmp_path / "rounded", "for each; do case $each in",
        "*.c) sed 's/sin(/(1+1e-14)*sin(/' $each >$each.new; mv $each.new $each;; esac; done",
        'exec cc "$@"',
    )  # fmt: skip
    path = build(folder, KEY, {**request(rounded), "functions": [function.serialize()]}, always)
    values = [each(*ARGUMENTS[0]) for each in (casadi.external("residual", str(path)), function)]
    assert 1e-9 < abs(values[0] / values[1] - 1) < 1e-6


def test_values_that_are_not_numbers_are_equal(folder):
    asked = {**request(), "arguments": [[float("nan"), [0.3, 1.7]]]}
    build(folder, KEY, asked, always)


def test_what_was_not_used_for_longest_is_removed(folder):
    folder.mkdir(parents=True, mode=0o700)
    for name, age in (("old", 2), ("new", 1)):
        path = folder / f"{name}.so"
        with path.open("wb") as file:
            file.truncate(machine_code.FOLDER_LIMIT * 2 // 3)
        os.utime(path, (time.time() - age,) * 2)
    build(folder, KEY, request(), always)
    assert not (folder / "old.so").exists()
    assert (folder / "new.so").exists()


def test_use_makes_a_file_recent(folder):
    path = build(folder, KEY, request(), always)
    os.utime(path, (1, 1))
    find(folder, KEY)
    assert path.stat().st_mtime > 1


def test_what_a_killed_process_left_is_removed_after_a_day(folder):
    left, recent = folder / "scratch-left", folder / "scratch-recent"
    for path in (left, recent):
        path.mkdir(parents=True)
        (path / "functions.c").touch()
    folder.chmod(0o700)
    os.utime(left, (time.time() - 2 * DAY,) * 2)
    build(folder, KEY, request(), always)
    assert not left.exists()
    assert recent.exists()


def start(folder, asked, parent=None):
    process = subprocess.Popen(
        [sys.executable, "-P", machine_code.__file__, str(folder), KEY, str(parent or os.getpid())],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    process.stdin.write(json.dumps(asked))
    process.stdin.close()
    return process


def test_of_two_processes_one_compiles(folder, tmp_path):
    log = tmp_path / "log"
    counting = program(tmp_path / "counting", f"echo >>{log}", 'exec cc "$@"')
    both = [start(folder, request(counting)) for _ in range(2)]
    for process in both:
        with process:
            assert process.wait() == 0, process.stderr.read()
    assert len(log.read_text()) == 1
    assert find(folder, KEY) is not None


def test_a_process_whose_parent_has_ended_compiles_nothing(folder, tmp_path):
    hanging = program(tmp_path / "hanging", "exec sleep 1000")
    with start(folder, request(hanging), parent=1 << 30) as process:
        assert process.wait() == 1
        assert "not wanted" in process.stderr.read()


def test_a_process_that_is_ended_ends_the_compiler(folder, tmp_path):
    pid, ready = tmp_path / "pid", tmp_path / "ready"
    os.mkfifo(ready)
    hanging = program(
        tmp_path / "hanging", f"echo $$ >{pid}", f"echo >{shlex.quote(str(ready))}",
        "exec sleep 1000",
    )  # fmt: skip
    with start(folder, request(hanging)) as process:
        ready.read_text()
        process.terminate()
        assert process.wait() == 1
    assert has_ended(int(pid.read_text()))
    assert not list(folder.glob("scratch-*"))


def test_the_folder_may_be_missing():
    assert find(Path("/no/such/folder"), KEY) is None
    assert not has_failed(Path("/no/such/folder"), KEY)
