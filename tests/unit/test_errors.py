"""Exceptions: pickling, built-in classes, the docstring."""

import copy
import pickle

import pytest

from ionworks import errors
from ionworks.errors import IonworksError

EXAMPLES = [
    IonworksError("m"),
    errors.NotFoundError("m", 404, "NOT_FOUND", {"a": 1}, "r"),
    errors.PermissionDeniedError("m", 403),
    errors.ServiceConnectionError("m"),
    errors.RequestTimeoutError("m"),
    errors.CertificateError("m"),
    errors.JobFailedError("m", job={"id": "j"}, error_code="SOLVER_ERROR"),
    errors.JobCanceledError("m", job={"id": "j"}),
    errors.WaitTimeoutError("m", pending=["a"], finished={"b": 1}),
]


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("again", [lambda e: pickle.loads(pickle.dumps(e)), copy.copy])  # noqa: S301 - our own bytes
def test_errors_survive_a_process_boundary(error: IonworksError, again: object) -> None:
    assert callable(again)
    other = again(error)
    assert type(other) is type(error)
    assert other.__dict__ == error.__dict__
    assert other.args == error.args == ("m",)
    assert str(other) == str(error)


def test_errors_are_also_builtin_exceptions() -> None:
    assert issubclass(errors.ServiceConnectionError, ConnectionError)
    assert issubclass(errors.RequestTimeoutError, TimeoutError)
    assert issubclass(errors.RequestTimeoutError, ConnectionError)
    assert issubclass(errors.WaitTimeoutError, TimeoutError)
    assert issubclass(errors.RequestEncodeError, ValueError)
    assert not issubclass(errors.RequestEncodeError, IonworksError)


def test_a_wait_that_timed_out_loses_nothing() -> None:
    error = errors.WaitTimeoutError("m", pending=["a", "b"], finished={"c": 1})
    assert error.pending == ("a", "b")
    assert error.finished == {"c": 1}


def test_the_docstring_draws_every_class() -> None:
    classes = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type)
        and issubclass(value, Exception)
        and value is not IonworksError
        and not name.startswith("_")
    }
    drawn = errors.__doc__ or ""
    assert {name for name in classes if name in drawn} == classes
