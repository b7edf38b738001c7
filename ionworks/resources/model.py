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
from ionworks.errors import IonworksError
from ionworks.records.model import Model
from ionworks.records.parameterized_model import ParameterizedModel
from ionworks.requests.fields import text
from ionworks.resources.resource import Resource
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
        project_id: str | None = None,
        **wanted: Unpack[AuthoredFilters],
    ) -> Page[Model]:
        """List the models of a project.

        Parameters
        ----------
        limit, offset : int, optional
            Size and start of the page; `limit` is at most 100.
        project_id : str, optional
            The project; the client's default if not given.
        **wanted
            Filters and order, see `ionworks.data.filters.AuthoredFilters`.

        Raises
        ------
        ValueError
            If no project is known.
        """
        query = filters.query(wanted, AuthoredFilters)
        project = self._required_project(project_id)

        return self._page(
            list_models.sync_detailed,
            Model,
            limit=limit,
            offset=offset,
            project_id=project,
            **query,
        )

    def get(self, model_id: str) -> Model:
        """Get a model with its configuration."""
        identifier = self._identifier(model_id, "model_id")
        return Model.from_model(call(get_model.sync_detailed, identifier, client=self._api))

    def get_simulation_settings(self, model_id: str) -> dict[str, Any]:
        """Get mesh, geometry and solver settings of a model; empty if it has none of its own."""
        return self.get(model_id).simulation_settings or {}

    def create(self, data: Mapping[str, Any]) -> Model:
        """Create a model.

        Parameters
        ----------
        data : mapping
            ``{"name", "config", "project_id"?, "description"?, "pybamm_version"?,
            "simulation_settings"?}``. `config` is such as ``{"type": "SPMe", "options":
            {"thermal": "lumped"}}``, or a PyBaMM model such as ``pybamm.lithium_ion.SPMe()``; a
            model with equations of your own goes with `upload_custom`.
            Without `project_id` the client's default project is used.

        Raises
        ------
        UnprocessableError
            If the model cannot be built with its options; names option and valid values.
        ConflictError
            If there is one of that name.
        """
        fields = self._body(
            pybamm_objects.with_plain_objects(data, "data"), "data", "name", "config"
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

    def update(self, model_id: str, data: Mapping[str, Any]) -> Model:
        """Change a model.

        Parameters
        ----------
        model_id : str
            The model.
        data : mapping
            At least one of ``name``, ``description``, ``pybamm_version`` and
            ``simulation_settings`` (``None`` clears these).
        """
        identifier = self._identifier(model_id, "model_id")
        body = ModelUpdate.from_dict(self._body(data, "data"))
        with at_least(BUILDING):
            changed = call(update_model.sync_detailed, identifier, client=self._api, body=body)
        return Model.from_model(changed)

    def delete(self, model_id: str) -> None:
        """Delete a model."""
        identifier = self._identifier(model_id, "model_id")
        call(delete_model.sync_detailed, identifier, client=self._api)

    def add_custom_variable(self, model_id: str, data: Mapping[str, Any]) -> Model:
        """Add an output variable to a model, which runs record by `extra_variables`.

        Parameters
        ----------
        model_id : str
            The model.
        data : mapping
            ``{"name", "expression"}``. On the embedded engine an expression is a formula of the
            model's variables: ``"Voltage [V]" * "Current [A]"``, the quotes may be left out;
            ``parameter("Nominal cell capacity [A.h]")`` is a parameter, and there are ``+ - * /
            **``, ``abs``, ``sqrt``, ``exp``, ``log``, ``log10``, ``min``, ``max`` and, for what
            varies in space, ``x_average``, ``r_average``, ``surface``, ``left``, ``right``.

        Raises
        ------
        UnprocessableError
            If the expression cannot be read; says where and what could stand there.
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
        project_id: str | None = None,
    ) -> Model:
        """Upload a model of one's own.

        Parameters
        ----------
        model : pybamm.BaseModel, mapping or path-like
            A PyBaMM model before discretisation, its serialised form as ``model.to_json()``
            gives it, or the JSON file that holds that.
        name : str
            Name of the new model.
        chemistry : {"lithium_ion", "lithium_sulfur", "ecm", "generic"}
            Family of the model.
        description : str, optional
            What it is for.
        project_id : str, optional
            The project; the client's default if not given.

        Raises
        ------
        TypeError, ValueError
            If `model` is none of these, or PyBaMM cannot write it as JSON.
        UnprocessableError
            If the service cannot read or drive the model; says what it lacks.
        """
        if chemistry not in _CHEMISTRIES:
            raise ValueError(
                f"chemistry must be one of {', '.join(_CHEMISTRIES)}, not {chemistry!r}"
            )
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
        """Get one of the service's own models in PyBaMM's serialised form.

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
        return call(serialize_model.sync_detailed, client=self._api, body=body).to_dict()

    def download(
        self, name: str, path: str | os.PathLike[str], options: Mapping[str, Any] | None = None
    ) -> Path:
        """Write one of the service's own models to a JSON file and return its path."""
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
        project_id: str | None = None,
    ) -> tuple[Model, ParameterizedModel]:
        """Build one of PyBaMM's models on this machine, upload it, and give it parameter values.

        Parameters
        ----------
        name : str
            A class of ``pybamm.lithium_ion`` or ``pybamm.equivalent_circuit``, such as
            ``"BasicDFN"``.
        options : mapping, optional
            Options of the model.
        parameters : str, pybamm.ParameterValues or mapping, optional
            Name of a published set, or the values; PyBaMM's default of the model if not given.
        model_name : str, optional
            Name of both new records; `name` if not given.
        description : str, optional
            What they are for.
        project_id : str, optional
            The project; the client's default if not given.

        Returns
        -------
        Model, ParameterizedModel
            Should the second not come about, the first is deleted again.

        Raises
        ------
        ImportError
            If PyBaMM is not installed.
        ValueError
            If PyBaMM has no such model or set.
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
            self._take_back(model, failure)
            raise
        return model, ParameterizedModel.from_model(made)

    def _take_back(self, model: Model, failure: BaseException) -> None:
        """Delete a model that got no parameter values; says so if that fails too."""
        try:
            self.delete(model.id)
        except IonworksError as error:
            failure.add_note(f"The uploaded model {model.id} could not be deleted: {error}")

    def list_pybamm_models(self) -> dict[str, Any]:
        """List the PyBaMM models the service knows, by module."""
        return call(list_pybamm_models.sync_detailed, client=self._api).to_dict()

    def validate_pybamm_model(
        self,
        pybamm_model: str,
        module: str = "lithium_ion",
        options: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Ask whether a PyBaMM model can be made with some options.

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
        verdict = call(validate_pybamm_model.sync_detailed, client=self._api, body=body).to_dict()
        return {"error": None, "error_type": None, **verdict}


def _document(model: Any) -> bytes:
    """Return the bytes of a serialised model, sure that they are a JSON object."""
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
        raise ValueError(f"model file {str(model)!r} is not JSON: {problem}") from problem
    if not is_object:
        raise ValueError(f"model file {str(model)!r} holds no JSON object")
    return content
