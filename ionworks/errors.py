"""Exceptions of the client.

Invalid arguments raise ``ValueError`` or ``TypeError`` before any request.
Failures of the service, the network or a job raise an `IonworksError`::

    IonworksError
     ├─ BadRequestError             400
     ├─ AuthenticationError         401
     ├─ PermissionDeniedError       403   (also PermissionError)
     ├─ NotFoundError               404   (also LookupError)
     ├─ ConflictError               409
     ├─ GoneError                   410
     ├─ UnprocessableError          422
     ├─ RateLimitError              429
     ├─ ServerError                 5xx
     │   └─ NotAvailableError       501   (also NotImplementedError)
     ├─ ClientClosedError                 (also RuntimeError: nothing was sent)
     ├─ ServiceConnectionError            (also ConnectionError)
     │   ├─ RequestTimeoutError           (also TimeoutError)
     │   └─ CertificateError
     ├─ ResponseDecodeError
     ├─ JobError
     │   ├─ JobFailedError
     │   │   └─ BatchFailedError          (also ExceptionGroup: an exception for each reason)
     │   └─ JobCanceledError
     │       └─ BatchCanceledError        (also ExceptionGroup)
     ├─ WaitTimeoutError                  (also TimeoutError)
     ├─ MeasurementValidationError        (also ValueError: nothing was sent)
     └─ MeasurementProcessingError

    RequestEncodeError                    (a ValueError: nothing was sent)

Other statuses of 400 and above raise `IonworksError` itself.
Inputs that are doubtful or without effect are a `ProtocolWarning` or `ParameterWarning`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, Self, TypeVar

E = TypeVar("E", bound="IonworksError")


class IonworksError(Exception):
    """The service, the connection to it, or a job has failed.

    Parameters
    ----------
    message : str
        Description of the failure.
    status_code : int, optional
        HTTP status of the reply, if there was one.
    error_code : str, optional
        The service's code of the error, such as ``"NOT_FOUND"`` or ``"SOLVER_ERROR"``.
    data : object, optional
        The body of the reply: parsed JSON, or text.
    request_id : str, optional
        The correlation id of the reply, for support requests; None for the embedded engine, which
        has no support.

    Attributes
    ----------
    retry_after : float or None
        Seconds after which the service asks to try again.
    """

    retry_after: float | None = None

    def __init__(
        self,
        message: str,
        status_code: int | None = None,
        error_code: str | None = None,
        data: Any = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status_code = status_code
        self.error_code = error_code
        self.data = data
        self.request_id = request_id

    def __str__(self) -> str:
        details = []
        if self.status_code is not None:
            details.append(f"status {self.status_code}")
        if self.error_code:
            details.append(f"error code {self.error_code}")
        if self.request_id:
            details.append(f"request id {self.request_id}")
        return f"{self.message} ({', '.join(details)})" if details else self.message

    def __reduce__(self) -> tuple[Any, ...]:
        # Some classes are OSErrors, whose __reduce__ would call __init__ with wrong arguments.
        return _rebuild, (type(self), self.message, self.__dict__.copy())


def reworded(error: E, message: str) -> E:
    """Return a copy of an error with another message; the status and details stay."""
    return _rebuild(type(error), message, {**error.__dict__, "message": message})


def _rebuild(kind: type[E], message: str, state: dict[str, Any]) -> E:
    """Recreate a pickled or copied error without calling its constructor."""
    error = kind.__new__(kind, message)
    error.args = (message,)
    error.__dict__.update(state)
    return error


class BadRequestError(IonworksError):
    """The service rejected the request as invalid (400)."""


class AuthenticationError(IonworksError):
    """The key or token is missing, invalid or expired (401)."""


class PermissionDeniedError(IonworksError, PermissionError):
    """The key is valid but has no permission for this request (403)."""


class NotFoundError(IonworksError, LookupError):
    """The requested resource does not exist, or is not accessible with this key (404)."""


class ConflictError(IonworksError):
    """A resource exists already, or is in the wrong state (409)."""

    @property
    def existing_id(self) -> str | None:
        """Id of the existing record that causes the conflict, if the service gives it."""
        # ``detail.existing_id``, or a top-level ``existing_..._id`` in replies of older services.
        detail = self.data.get("detail") if isinstance(self.data, Mapping) else None
        for place in (detail, self.data):
            for key, value in place.items() if isinstance(place, Mapping) else ():
                if str(key).startswith("existing_") and str(key).endswith("id") and value:
                    return str(value)
        return None


class GoneError(IonworksError):
    """The service has retired this operation (410)."""


class UnprocessableError(IonworksError):
    """The request is well-formed but its values are invalid (422)."""


class RateLimitError(IonworksError):
    """Too many requests, also after retries (429)."""


class ServerError(IonworksError):
    """The service failed (5xx)."""


class NotAvailableError(ServerError, NotImplementedError):
    """The server does not support the operation (501)."""


class ClientClosedError(IonworksError, RuntimeError):
    """A closed client was used; nothing was sent."""

    def __init__(self) -> None:
        super().__init__(
            "this client is closed: make another one, or leave the with block later; nothing was"
            " sent"
        )


class ServiceConnectionError(IonworksError, ConnectionError):
    """The service could not be reached, or the connection broke."""


class RequestTimeoutError(ServiceConnectionError, TimeoutError):
    """One request took longer than the client's ``timeout``."""


class CertificateError(ServiceConnectionError):
    """The TLS certificate of the service is not valid, or not issued for its host."""


class ResponseDecodeError(IonworksError):
    """The reply has a success status but does not conform to the contract."""


class JobError(IonworksError):
    """A job did not complete.

    Parameters
    ----------
    message : str
        Description of the failure, including the job's error.
    job : object
        The record of the failed simulation, pipeline or job.
    error_code : str, optional
        Such as ``"SOLVER_ERROR"``.
    data : object, optional
        Further details; for several jobs the records of those that have ended, by id.
    finished : mapping of str to record, optional
        The records of those of several jobs that have ended, by id.
    pending : sequence of str, optional
        Ids of the others, which keep running.
    """

    def __init__(
        self,
        message: str,
        *,
        job: Any,
        error_code: str | None = None,
        data: Any = None,
        finished: Mapping[str, Any] | None = None,
        pending: Sequence[str] = (),
    ) -> None:
        super().__init__(message, error_code=error_code, data=data)
        self.job = job
        self.finished = dict(finished or {})
        self.pending = tuple(pending)


class JobFailedError(JobError):
    """A job has failed."""


class JobCanceledError(JobError):
    """A job was canceled."""


class _BatchError(JobError, ExceptionGroup[JobError]):
    """Some of several jobs did not complete; a group of exceptions, one for each reason.

    Parameters
    ----------
    message : str
        Description of all failures.
    exceptions : sequence of JobError
        For each reason that is named, the failure of the first job that has it.
    job, error_code, data, finished, pending
        As of `JobError`.
    """

    def __new__(cls, message: str, exceptions: Sequence[JobError], **_: Any) -> Self:
        return super().__new__(cls, message, exceptions)

    def __init__(self, message: str, exceptions: Sequence[JobError], **details: Any) -> None:
        super().__init__(message, **details)
        self.args = (message, tuple(exceptions))

    # In a group, Python's own attribute of this name cannot be set.
    @property
    def message(self) -> str:
        return str(self.__dict__["message"])

    @message.setter
    def message(self, message: str) -> None:
        self.__dict__["message"] = message

    # Parts of the group contain what the jobs of the whole one have in common.
    def derive(self, exceptions: Sequence[Any], /) -> Self:  # type: ignore[override]  # no others
        details = {name: self.__dict__[name] for name in _DETAILS}
        return type(self)(self.message, exceptions, **details)

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild_group, (type(self), self.message, self.exceptions, self.__dict__.copy())


_DETAILS = ("job", "error_code", "data", "finished", "pending")

G = TypeVar("G", bound=_BatchError)


def _rebuild_group(
    kind: type[G], message: str, exceptions: Sequence[JobError], state: dict[str, Any]
) -> G:
    """Recreate a pickled or copied group without calling its constructor."""
    error = kind.__new__(kind, message, exceptions)
    error.args = (message, tuple(exceptions))
    error.__dict__.update(state)
    return error


class BatchFailedError(_BatchError, JobFailedError):
    """Some of several jobs have failed.

    It is both a `JobFailedError` and a group, whose ``exceptions`` contain one for each of the
    first reasons: ``except* JobFailedError`` works as well as ``except JobFailedError``.
    """


class BatchCanceledError(_BatchError, JobCanceledError):
    """Some of several jobs were canceled, and none failed."""


class WaitTimeoutError(IonworksError, TimeoutError):
    """Some jobs have not ended within the timeout of a wait; they keep running.

    Parameters
    ----------
    message : str
        Description of the wait.
    pending : sequence of str
        Ids of the jobs that have not ended.
    finished : mapping of str to record
        Records of the jobs that have ended, by id.
    """

    def __init__(
        self,
        message: str,
        *,
        pending: Sequence[str] = (),
        finished: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.pending = tuple(pending)
        self.finished = dict(finished or {})


Severity = Literal["error", "warning"]


class IssueCode(StrEnum):
    """Codes of the problems; their meaning does not change between releases."""

    EMPTY = "EMPTY"
    MISSING_COLUMN = "MISSING_COLUMN"
    NOT_NUMERIC = "NOT_NUMERIC"
    MISSING_VALUE = "MISSING_VALUE"
    TIME_NOT_FROM_ZERO = "TIME_NOT_FROM_ZERO"
    TIME_DECREASES = "TIME_DECREASES"
    STEP_COUNT_NOT_WHOLE = "STEP_COUNT_NOT_WHOLE"
    STEP_COUNT_NOT_FROM_ZERO = "STEP_COUNT_NOT_FROM_ZERO"
    STEP_COUNT_NOT_SEQUENTIAL = "STEP_COUNT_NOT_SEQUENTIAL"
    CURRENT_REVERSED = "CURRENT_REVERSED"
    NOT_RESET = "NOT_RESET"
    OUTSIDE_VOLTAGE_WINDOW = "OUTSIDE_VOLTAGE_WINDOW"
    ABOVE_RATED_CAPACITY = "ABOVE_RATED_CAPACITY"
    NOT_FINITE = "NOT_FINITE"
    FEW_POINTS = "FEW_POINTS"
    DUPLICATE_ROW = "DUPLICATE_ROW"
    CUMULATIVE_DECREASES = "CUMULATIVE_DECREASES"
    CYCLE_COUNT = "CYCLE_COUNT"
    CAPACITY_MISMATCH = "CAPACITY_MISMATCH"
    IMPLAUSIBLE_UNIT = "IMPLAUSIBLE_UNIT"
    TIME_GAP = "TIME_GAP"
    STEP_VOLTAGE_DIRECTION = "STEP_VOLTAGE_DIRECTION"
    MIXED_DIRECTIONS = "MIXED_DIRECTIONS"


@dataclass(frozen=True, kw_only=True, slots=True)
class ValidationIssue:
    """One problem of a time series.

    Attributes
    ----------
    code : IssueCode
        Which check found it.
    severity : {"error", "warning"}
        An error prevents an upload, a warning does not.
    message : str
        Description of the problem and its remedy; the wording can change.
    row : int or None
        The first affected row, counted from 0.
    step : int or None
        ``Step count`` of the first affected step.
    column : str or None
        The affected column.
    payload : dict
        Machine-readable details, where applicable: ``count`` (number of rows or steps), ``steps``
        (the first of them), ``observed`` and ``threshold`` values.
    """

    code: IssueCode
    severity: Severity
    message: str
    row: int | None = None
    step: int | None = None
    column: str | None = None
    payload: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.code.value}: {self.message}"


class MeasurementValidationError(IonworksError, ValueError):
    """The rows of a measurement failed the checks; nothing was sent.

    Parameters
    ----------
    errors : sequence of ValidationIssue
        All problems found, including warnings, errors first.
    """

    def __init__(self, errors: Sequence[ValidationIssue]) -> None:
        self.errors = list(errors)
        grave = [issue for issue in self.errors if issue.severity == "error"]
        lines = "\n".join(f"  {issue}" for issue in grave)
        super().__init__(
            f"the time series has {len(grave)} problem{'s' if len(grave) > 1 else ''}; nothing was"
            f" uploaded:\n{lines}\nCorrect the data, or pass the codes of checks that do not apply"
            " in skip_checks"
        )


class MeasurementProcessingError(IonworksError):
    """The server could not process the rows of uploaded measurements.

    Parameters
    ----------
    failures : mapping of str to str
        Reason of the server by measurement id.
    finished : mapping of str to record, optional
        The records of those of several measurements whose processing has ended, by id.
    pending : sequence of str, optional
        Ids of the others; the server continues with them.
    """

    def __init__(
        self,
        failures: Mapping[str, str],
        *,
        finished: Mapping[str, Any] | None = None,
        pending: Sequence[str] = (),
    ) -> None:
        self.failures = dict(failures)
        self.finished = dict(finished or {})
        self.pending = tuple(pending)
        reasons = "; ".join(f"measurement {name}: {why}" for name, why in self.failures.items())
        super().__init__(
            f"the server could not process {reasons}. The uploaded data are kept; before uploading"
            f" again, call client.cell_measurement.delete({next(iter(self.failures), '')!r})"
        )


class ProtocolWarning(UserWarning):
    """A protocol, or a value for its inputs, is valid but looks like a mistake or has no effect.

    The same messages are the ``notes`` of the simulation and of its result.
    """


class ParameterWarning(UserWarning):
    """A parameter of a model is unusual or has no effect."""


class RequestEncodeError(ValueError):
    """A request contains a value that JSON cannot express (NaN, a NumPy number, …); not sent."""
