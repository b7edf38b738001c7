"""Battery models."""

import json
import os
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any, Literal, Unpack

from ionworks.data import filters, pybamm_objects
from ionworks.data.filters import AuthoredFilters
from ionworks.data.json_values import plain
from ionworks.data.paging import Page
from ionworks.errors import ConflictError, IonworksError
from ionworks.records.model import Model
from ionworks.records.parameterized_model import ParameterizedModel
from ionworks.records.project import Project
from ionworks.requests.fields import one_of, text
from ionworks.resources.resource import Resource, with_ids
from ionworks.transport.call import call, given
from ionworks.transport.timeouts import BUILDING, at_least
from ionworks_api_client.api.model import (
    add_custom_variable,
    create_model,
    delete_model,
    get_model,
    list_models,
    list_pybamm_models,
    serialize_model,
    update_model,
    upload_custom_model,
    validate_pybamm_model,
)
from ionworks_api_client.api.parameterized_model import create_parameterized_model
from ionworks_api_client.models import (
    CustomModelUpload,
    CustomVariableRequest,
    ModelRequest,
    ModelSerializationRequest,
    ModelUpdate,
    ParameterizedModelRequest,
    PybammModelRequest,
)
from ionworks_api_client.types import File

_CHEMISTRIES = ("lithium_ion", "lithium_sulfur", "ecm", "generic")

Chemistry = Literal["lithium_ion", "lithium_sulfur", "ecm", "generic"]


class ModelResource(Resource):
    """Create, find and change models."""

    def list(
        self,
        limit: int | None = None,
        offset: int | None = None,
        *,
        project_id: str | Project | None = None,
        **wanted: Unpack[AuthoredFilters],
    ) -> Page[Model]:
        """List the models of a project.

        Parameters
        ----------
        limit, offset : int, optional
            Size and start of the page; `limit` is at most 100.
        project_id : str or Project, optional
            The project; the client's default if not given.
        **wanted
            Filters and order, see `ionworks.data.filters.AuthoredFilters`.

        Raises
        ------
        ValueError
            If no project is given or set.
        """
        query = filters.query(wanted, AuthoredFilters)
        project = self._required_project(project_id)
        return self._page(
            list_models.sync_detailed, Model, limit, offset, project_id=project, **query
        )

    def get(self, model_id: str | Model) -> Model:
        """Get a model with its configuration."""
        identifier = self._identifier(model_id, "model_id")
        return Model.from_model(call(get_model.sync_detailed, identifier, client=self._api))

    def get_simulation_settings(self, model_id: str | Model) -> dict[str, Any]:
        """Get mesh, geometry and solver settings of a model; empty if it uses the defaults."""
        return self.get(model_id).simulation_settings or {}

    def create(self, data: Mapping[str, Any]) -> Model:
        """Create a model.

        Parameters
        ----------
        data : mapping
            ``{"name", "config", "project_id"?, "description"?, "pybamm_version"?,
            "simulation_settings"?}``. `config` is a mapping such as ``{"type": "SPMe", "options":
            {"thermal": "lumped"}}`` or a PyBaMM model such as ``pybamm.lithium_ion.SPMe()``. Use
            `upload_custom` for a model with custom equations. Without `project_id` the client's
            default project is used.

        Raises
        ------
        UnprocessableError
            If the model cannot be built with its options; the message names the option and the
            valid values.
        ConflictError
            If the name is taken.
        """
        fields = self._body(
            pybamm_objects.with_plain_objects(with_ids(data), "data"), "data", "name", "config"
        )
        if not isinstance(fields["config"], dict):
            raise TypeError(
                f"data['config'] must be a mapping such as {{'type': 'SPMe'}} or a PyBaMM model, "
                f"not {fields['config']!r}"
            )
        fields["project_id"] = self._required_project(fields.get("project_id"))
        body = ModelRequest.from_dict(fields)
        with at_least(BUILDING):
            made = call(create_model.sync_detailed, client=self._api, body=body)
        return Model.from_model(made)

    def create_or_get(self, data: Mapping[str, Any]) -> Model:
        """Create a model, or return the existing one with that name unchanged.

        The parameter is that of `create`.

        Raises
        ------
        ConflictError
            If the name is taken but the existing model is not found.
        """
        try:
            return self.create(data)
        except ConflictError as conflict:
            return self._existing(
                conflict,
                self.get,
                lambda: self.list(
                    project_id=data.get("project_id"), name_exact=data["name"]
                ).walk(),
            )

    def update(self, model_id: str | Model, data: Mapping[str, Any]) -> Model:
        """Change a model.

        Parameters
        ----------
        model_id : str or Model
            The model.
        data : mapping
            At least one of ``name``, ``description``, ``pybamm_version`` and
            ``simulation_settings`` (``None`` restores the defaults).
        """
        identifier = self._identifier(model_id, "model_id")
        body = ModelUpdate.from_dict(self._body(data, "data"))
        with at_least(BUILDING):
            changed = call(update_model.sync_detailed, identifier, client=self._api, body=body)
        return Model.from_model(changed)

    def delete(self, model_id: str | Model) -> None:
        """Delete a model."""
        identifier = self._identifier(model_id, "model_id")
        call(delete_model.sync_detailed, identifier, client=self._api)

    def add_custom_variable(self, model_id: str | Model, data: Mapping[str, Any]) -> Model:
        """Add an output variable to a model; simulations record it through `extra_variables`.

        Parameters
        ----------
        model_id : str or Model
            The model.
        data : mapping
            ``{"name", "expression"}``. On the embedded engine an expression is a formula of the
            model's variables, such as ``"Voltage [V]" * "Current [A]"``; the quotes are optional.
            ``parameter("Nominal cell capacity [A.h]")`` is a parameter. Operators and functions
            are ``+ - * / **``, ``abs``, ``sqrt``, ``exp``, ``log``, ``log10``, ``min``, ``max``
            and, for variables that depend on space, ``x_average``, ``r_average``, ``surface``,
            ``left``, ``right``.

        Raises
        ------
        UnprocessableError
            If the expression is invalid; the message gives the position and what is expected.
        """
        identifier = self._identifier(model_id, "model_id")
        body = CustomVariableRequest.from_dict(self._body(data, "data", "name", "expression"))
        with at_least(BUILDING):
            changed = call(
                add_custom_variable.sync_detailed, identifier, client=self._api, body=body
            )
        return Model.from_model(changed)

    def upload_custom(
        self,
        model: Any,
        *,
        name: str,
        chemistry: Chemistry = "lithium_ion",
        description: str | None = None,
        project_id: str | Project | None = None,
    ) -> Model:
        """Upload a custom model.

        Parameters
        ----------
        model : pybamm.BaseModel, mapping or path-like
            A PyBaMM model before discretisation, its serialised form as returned by
            ``model.to_json()``, or the path of a JSON file with that form.
        name : str
            Name of the new model.
        chemistry : {"lithium_ion", "lithium_sulfur", "ecm", "generic"}
            Chemistry of the model.
        description : str, optional
            Description of the model.
        project_id : str or Project, optional
            The project; the client's default if not given.

        Raises
        ------
        TypeError, ValueError
            If `model` is of another type, or PyBaMM cannot serialise it.
        UnprocessableError
            If the service cannot read or run the model; the message says what is missing.
        """
        one_of(chemistry, "chemistry", _CHEMISTRIES)
        title = text(name, "name")
        document = _document(model)
        body = CustomModelUpload(
            name=title,
            chemistry=chemistry,
            description=given(description),
            project_id=self._required_project(project_id),
            file=File(BytesIO(document), "model.json", "application/json"),
        )
        with at_least(BUILDING):
            made = call(upload_custom_model.sync_detailed, client=self._api, body=body)
        return Model.from_model(made)

    def serialize(self, name: str, options: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Get one of the service's built-in models in PyBaMM's serialised form.

        Parameters
        ----------
        name : str
            Such as ``"ECM"``.
        options : mapping, optional
            Options of the model.
        """
        body = ModelSerializationRequest.from_dict(
            {"name": text(name, "name"), "options": plain(options or {}, "options")}
        )
        with at_least(BUILDING):
            document = call(serialize_model.sync_detailed, client=self._api, body=body)
        return document.to_dict()

    def download(
        self, name: str, path: str | os.PathLike[str], options: Mapping[str, Any] | None = None
    ) -> Path:
        """Write one of the service's built-in models to a JSON file and return its path."""
        goal = Path(path)
        goal.write_text(json.dumps(self.serialize(name, options), indent=2), encoding="utf-8")
        return goal

    def create_from_zoo(
        self,
        name: str,
        *,
        options: Mapping[str, Any] | None = None,
        parameters: Any = None,
        model_name: str | None = None,
        description: str | None = None,
        project_id: str | Project | None = None,
    ) -> tuple[Model, ParameterizedModel]:
        """Build one of PyBaMM's models locally, upload it, and create a parameterized model of it.

        Parameters
        ----------
        name : str
            A class of ``pybamm.lithium_ion`` or ``pybamm.equivalent_circuit``, such as
            ``"BasicDFN"``.
        options : mapping, optional
            Options of the model.
        parameters : str, pybamm.ParameterValues or mapping, optional
            Name of a published set, or the values; PyBaMM's defaults for the model if not given.
        model_name : str, optional
            Name of the two new records; `name` if not given.
        description : str, optional
            Description of the two new records.
        project_id : str or Project, optional
            The project; the client's default if not given.

        Returns
        -------
        Model, ParameterizedModel
            If the second cannot be created, the first is deleted again.

        Raises
        ------
        ImportError
            If PyBaMM is not installed.
        ValueError
            If PyBaMM has no model or parameter set of that name.
        """
        project = self._required_project(project_id)
        title = text(name if model_name is None else model_name, "model_name")
        chemistry, document, defaults = pybamm_objects.zoo_model(text(name, "name"), options)
        values = defaults
        if parameters is not None:
            by_name = self._connection.settings.is_local
            values = pybamm_objects.wire_parameters(parameters, "parameters", sets_by_name=by_name)
        model = self.upload_custom(
            document,
            name=title,
            chemistry="ecm" if chemistry == "ecm" else "lithium_ion",
            description=description,
            project_id=project,
        )
        fields = {"name": title, "model_id": model.id, "parameters": values, "project_id": project}
        if description is not None:
            fields["description"] = description
        try:
            body = ParameterizedModelRequest.from_dict(self._body(fields, "parameters"))
            with at_least(BUILDING):
                made = call(create_parameterized_model.sync_detailed, client=self._api, body=body)
        except BaseException as failure:
            self._delete_again(model, failure)
            raise
        return model, ParameterizedModel.from_model(made)

    def _delete_again(self, model: Model, failure: BaseException) -> None:
        """Delete an uploaded model after a failure; adds a note to it if that fails too."""
        try:
            self.delete(model.id)
        except IonworksError as error:
            failure.add_note(f"The uploaded model {model.id} could not be deleted: {error}")

    def list_pybamm_models(self) -> dict[str, Any]:
        """List the PyBaMM models the service supports, by module."""
        return call(list_pybamm_models.sync_detailed, client=self._api).to_dict()

    def validate_pybamm_model(
        self,
        pybamm_model: str,
        module: str = "lithium_ion",
        options: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Check whether a PyBaMM model can be built with the given options.

        Returns
        -------
        dict
            ``{"valid": bool, "error": str or None, "error_type": str or None}``.
        """
        body = PybammModelRequest.from_dict(
            {
                "pybamm_model": text(pybamm_model, "pybamm_model"),
                "module": text(module, "module"),
                "options": plain(options or {}, "options"),
            }
        )
        with at_least(BUILDING):
            reply = call(validate_pybamm_model.sync_detailed, client=self._api, body=body)
        verdict = reply.to_dict()
        return {"error": None, "error_type": None, **verdict}


def _document(model: Any) -> bytes:
    """Return the bytes of a serialised model, checked to be a JSON object."""
    if pybamm_objects.is_model(model):
        return json.dumps(pybamm_objects.model_document(model), allow_nan=False).encode()
    if isinstance(model, Mapping):
        return json.dumps(plain(model, "model"), allow_nan=False).encode()
    if not isinstance(model, (str, os.PathLike)):
        raise TypeError(
            "model must be a PyBaMM model, its serialised form as a mapping, or the path of its "
            f"JSON file, not {type(model).__name__}"
        )
    content = Path(model).read_bytes()
    try:
        is_object = isinstance(json.loads(content), dict)
    except ValueError as problem:
        raise ValueError(f"model file {str(model)!r} is not JSON: {problem}") from None
    if not is_object:
        raise ValueError(f"model file {str(model)!r} does not contain a JSON object")
    return content
