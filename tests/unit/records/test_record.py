"""Records: fields as attributes and as a read-only mapping."""

import copy
import pickle
from collections.abc import Callable, Mapping

import attrs
import pytest

from ionworks.records.job import Job
from ionworks.records.project import Project
from ionworks_api_client.models import Job as JobModel
from ionworks_api_client.models import Project as ProjectModel


def project() -> Project:
    return Project.from_dict({"id": "p", "name": "NMC", "colour": "red", "items": 3})


def test_fields_are_attributes_and_keys() -> None:
    record = project()
    assert record.id == record["id"] == "p"
    assert record.get("name") == "NMC"
    assert "id" in record
    assert "nothing" not in record
    assert record.get("nothing", 7) == 7


def test_fields_the_service_omits_are_none() -> None:
    record = Project.from_model(ProjectModel(id="p"))
    assert record.name is None
    assert record["description"] is None


def test_unknown_fields_are_kept() -> None:
    record = project()
    assert record.colour == record["colour"] == "red"
    assert record["items"] == 3
    assert callable(record.items)
    assert "colour" in dir(record)
    assert "colour" in list(record)


def test_a_generated_model_is_read_with_its_extra_fields() -> None:
    model = ProjectModel.from_dict({"id": "p", "organization_id": None, "colour": "red"})
    record = Project.from_model(model)
    assert record.organization_id is None
    assert record.colour == "red"


def test_a_record_is_a_mapping_that_cannot_be_changed() -> None:
    record = project()
    assert isinstance(record, Mapping)
    assert len(record) == len(list(record)) == len(dict(record))
    assert record.to_dict() == dict(record)
    with pytest.raises(TypeError):
        record["name"] = "other"  # type: ignore[index]  # the point of the test
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        record.name = "other"  # type: ignore[misc]  # the point of the test


def test_an_unknown_field_is_named() -> None:
    with pytest.raises(AttributeError, match=r"Project has no field 'nam'; it has \['id', 'name'"):
        _ = project().nam
    with pytest.raises(KeyError, match="nam"):
        project()["nam"]
    assert not hasattr(project(), "_private")


def test_records_compare_by_content() -> None:
    assert project() == project()
    assert project() != Project.from_dict({"id": "p"})
    assert Project.from_dict({"id": "p"}) != Job.from_dict({"job_id": "p"})


def pickled(record: Project) -> Project:
    return pickle.loads(pickle.dumps(record))  # noqa: S301 - our own bytes


@pytest.mark.parametrize("again", [pickled, copy.copy, copy.deepcopy])
def test_records_can_be_copied_and_pickled(again: Callable[[Project], Project]) -> None:
    other = again(project())
    assert other == project()
    assert other.colour == "red"


def test_the_repr_shows_the_set_fields_and_stays_short() -> None:
    record = Project.from_dict({"id": "p", "description": "x" * 500, "big": list(range(1000))})
    assert repr(record).startswith("Project(id='p', description='xxx")
    assert "name" not in repr(record)
    assert len(repr(record)) < 300


def test_the_repr_leaves_out_what_is_empty_and_deep() -> None:
    record = Project.from_dict(
        {"id": "p", "tags": [], "notes": {}, "n": 0, "deep": {"a": {"b": 1}}}
    )
    assert repr(record) == "Project(id='p', n=0, deep={'a': {...}})"


def test_a_missing_id_is_an_error() -> None:
    with pytest.raises(TypeError, match="id"):
        Project.from_dict({"name": "no id"})


@pytest.mark.parametrize(
    ("status", "is_terminal", "is_failed"),
    [
        ("pending", False, False),
        ("waiting", False, False),
        ("processing", False, False),
        ("completed", True, False),
        ("failed", True, True),
        ("canceled", True, True),
        ("something new", False, False),
        (None, False, False),
    ],
)
def test_the_end_of_a_job_of_an_older_service_follows_from_its_status(
    status: str | None, is_terminal: bool, is_failed: bool
) -> None:
    model = JobModel.from_dict({"job_id": "j", "status": status, "is_terminal": None})
    job = Job.from_model(model)
    assert (job.is_terminal, job.is_failed) == (is_terminal, is_failed)


def test_the_flags_of_the_service_take_precedence() -> None:
    job = Job.from_dict(
        {"job_id": "j", "status": "something new", "is_terminal": True, "is_failed": True}
    )
    assert job.is_terminal
    assert job.is_failed
