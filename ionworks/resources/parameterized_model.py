"""Models with the parameter values of a cell."""

from collections.abc import Mapping
from typing import Any

from ionworks.data import pybamm_objects
from ionworks.data.paging import Page
from ionworks.errors import ConflictError
from ionworks.records.cell_spec import CellSpecification
from ionworks.records.parameterized_model import ParameterizedModel
from ionworks.records.project import Project
from ionworks.requests.fields import boolean
from ionworks.resources.resource import Resource
from ionworks.transport.call import call
from ionworks.transport.notes import warn
from ionworks.transport.timeouts import BUILDING, at_least
from ionworks_api_client.api.parameterized_model import (
    create_cell_parameterized_model,
    create_parameterized_model,
    delete_cell_parameterized_model,
    delete_parameterized_model,
    get_parameter_values,
    get_parameterized_model,
    get_variable_names,
    list_cell_parameterized_models,
    list_parameterized_models,
    update_cell_parameterized_model,
    update_parameterized_model,
)
from ionworks_api_client.models import ParameterizedModelRequest, ParameterizedModelUpdate


class ParameterizedModelResource(Resource):
    """Create, find and change parameterized models.

    In methods with a `cell_spec_id`, ``None`` means a model without a cell specification.
    """

    def get(self, parameterized_model_id: str | ParameterizedModel) -> ParameterizedModel:
        """Get a parameterized model."""
        identifier = self._identifier(parameterized_model_id, "parameterized_model_id")
        return ParameterizedModel.from_model(
            call(get_parameterized_model.sync_detailed, identifier, client=self._api)
        )

    def list_by_project(
        self,
        project_id: str | Project | None = None,
        limit: int | None = None,
        offset: int | None = None,
        *,
        cell_spec_id: str | CellSpecification | None = None,
        summary: bool = False,
    ) -> Page[ParameterizedModel]:
        """List the parameterized models of a project.

        Parameters
        ----------
        project_id : str or Project, optional
            The project; the client's default if not given.
        limit, offset : int, optional
            Size and start of the page; `limit` is at most 100.
        cell_spec_id : str or CellSpecification, optional
            Only models of this cell specification.
        summary : bool
            Whether to return names and ids only, which is faster.

        Raises
        ------
        ValueError
            If no project is given or set.
        """
        boolean(summary, "summary")
        cell = self._optional_identifier(cell_spec_id, "cell_spec_id")
        project = self._required_project(project_id)
        return self._page(
            list_parameterized_models.sync_detailed,
            ParameterizedModel,
            limit,
            offset,
            project_id=project,
            cell_spec_id=cell,
            summary=summary or None,
        )

    def list_by_cell_specification(
        self,
        cell_spec_id: str | CellSpecification,
        limit: int | None = None,
        offset: int | None = None,
    ) -> Page[ParameterizedModel]:
        """List the parameterized models of a cell specification.

        Parameters
        ----------
        cell_spec_id : str or CellSpecification
            The cell specification.
        limit, offset : int, optional
            Size and start of the page; `limit` is at most 100.
        """
        cell = self._identifier(cell_spec_id, "cell_spec_id")
        return self._page(
            list_cell_parameterized_models.sync_detailed, ParameterizedModel, limit, offset, cell
        )

    def create(
        self, cell_spec_id: str | CellSpecification | None, data: Mapping[str, Any]
    ) -> ParameterizedModel:
        """Create a parameterized model.

        Parameters
        ----------
        cell_spec_id : str or CellSpecification or None
            The cell specification of the model.
        data : mapping
            ``{"name", "model_id", "parameters"?, "description"?, "simulation_settings"?,
            "project_id"?}``. `parameters` is the name of a published set such as
            ``"Chen2020"``, a `pybamm.ParameterValues`, or a mapping of names to numbers and
            functions. The embedded engine also accepts ``{"parameter_set": "Chen2020", ...}``
            with the values that differ from the set. Without `project_id`, the project is that of
            the cell specification, or the client's default if there is no specification.

        Warns
        -----
        ParameterWarning
            For values that are unusual or have no effect; they are the record's ``notes``.

        Raises
        ------
        ConflictError
            If the name is taken; `existing_id` of the exception is the id of the existing record.
        UnprocessableError
            If a parameter is unknown, missing or impossible, or the model cannot be solved with
            the values.
        ImportError
            If `parameters` is the name of a set, the service is remote and PyBaMM is not installed.
        """
        fields = self._fields(data, "data", "name", "model_id")
        with at_least(BUILDING):
            made = self._made(cell_spec_id, fields)
        warn([made.to_dict()])
        return ParameterizedModel.from_model(made)

    def create_or_get(
        self, cell_spec_id: str | CellSpecification | None, data: Mapping[str, Any]
    ) -> ParameterizedModel:
        """Create a parameterized model, or get the existing one with that name.

        Parameters are those of `create`.

        Raises
        ------
        ConflictError
            If the name is taken but the existing model is not found.
        """
        try:
            return self.create(cell_spec_id, data)
        except ConflictError as conflict:
            return self._existing(
                conflict,
                self.get,
                lambda: (
                    model
                    for model in self._first_page_of(cell_spec_id, data).walk()
                    if model.name == data["name"]
                ),
            )

    def update(
        self,
        cell_spec_id: str | CellSpecification | None,
        parameterized_model_id: str | ParameterizedModel,
        data: Mapping[str, Any],
    ) -> ParameterizedModel:
        """Change a parameterized model.

        Parameters
        ----------
        cell_spec_id : str or CellSpecification or None
            The cell specification of the model.
        parameterized_model_id : str or ParameterizedModel
            The parameterized model.
        data : mapping
            At least one of ``name``, ``description``, ``simulation_settings`` and
            ``parameters``, which are as in `create` and replace all existing values.

        Warns
        -----
        ParameterWarning
            As in `create`.

        Raises
        ------
        ConflictError
            If parameters or settings are changed although the model has been simulated. Create
            another one, so that existing results keep the values they were computed with.
        """
        identifier = self._identifier(parameterized_model_id, "parameterized_model_id")
        body = ParameterizedModelUpdate.from_dict(self._fields(data, "data"))
        with at_least(BUILDING):
            changed = self._changed(cell_spec_id, identifier, body)
        if "parameters" in data:
            warn([changed.to_dict()])
        return ParameterizedModel.from_model(changed)

    def delete(
        self,
        cell_spec_id: str | CellSpecification | None,
        parameterized_model_id: str | ParameterizedModel,
    ) -> None:
        """Delete a parameterized model.

        Parameters
        ----------
        cell_spec_id : str or CellSpecification or None
            The cell specification of the model.
        parameterized_model_id : str or ParameterizedModel
            The parameterized model.
        """
        identifier = self._identifier(parameterized_model_id, "parameterized_model_id")
        if cell_spec_id is None:
            call(delete_parameterized_model.sync_detailed, identifier, client=self._api)
        else:
            cell = self._identifier(cell_spec_id, "cell_spec_id")
            call(delete_cell_parameterized_model.sync_detailed, cell, identifier, client=self._api)

    def get_parameter_values(
        self, parameterized_model_id: str | ParameterizedModel
    ) -> dict[str, Any]:
        """Get all parameter values by name, in the units their names give.

        Returns
        -------
        dict
            Numbers, and functions as PyBaMM's JSON; `pybamm.ParameterValues.from_json` converts
            them to parameter values.
        """
        identifier = self._identifier(parameterized_model_id, "parameterized_model_id")
        with at_least(BUILDING):
            values = call(get_parameter_values.sync_detailed, identifier, client=self._api)
        return values.to_dict()

    def get_variable_names(self, parameterized_model_id: str | ParameterizedModel) -> list[str]:
        """Get the names of all output variables of the model."""
        identifier = self._identifier(parameterized_model_id, "parameterized_model_id")
        with at_least(BUILDING):
            return call(get_variable_names.sync_detailed, identifier, client=self._api)

    def _made(self, cell_spec_id: str | CellSpecification | None, fields: dict[str, Any]) -> Any:
        if cell_spec_id is None:
            fields["project_id"] = self._required_project(fields.get("project_id"))
            return call(
                create_parameterized_model.sync_detailed,
                client=self._api,
                body=ParameterizedModelRequest.from_dict(fields),
            )
        if (project := self._project(fields.get("project_id"))) is not None:
            fields["project_id"] = project
        return call(
            create_cell_parameterized_model.sync_detailed,
            self._identifier(cell_spec_id, "cell_spec_id"),
            client=self._api,
            body=ParameterizedModelRequest.from_dict(fields),
        )

    def _changed(
        self,
        cell_spec_id: str | CellSpecification | None,
        identifier: str,
        body: ParameterizedModelUpdate,
    ) -> Any:
        if cell_spec_id is None:
            return call(
                update_parameterized_model.sync_detailed, identifier, client=self._api, body=body
            )
        return call(
            update_cell_parameterized_model.sync_detailed,
            self._identifier(cell_spec_id, "cell_spec_id"),
            identifier,
            client=self._api,
            body=body,
        )

    def _fields(self, data: Any, name: str, *required: str) -> dict[str, Any]:
        """Check a request body whose parameters can have any form, and convert it to JSON types."""
        if isinstance(data, Mapping) and data.get("parameters") is not None:
            parameters = pybamm_objects.wire_parameters(
                data["parameters"],
                f"{name}['parameters']",
                sets_by_name=self._connection.settings.is_local,
            )
            if not isinstance(parameters, Mapping):
                raise TypeError(
                    f"{name}['parameters'] must be the name of a set, a pybamm.ParameterValues or "
                    f"a mapping of names to values, not {parameters!r}"
                )
            data = {**data, "parameters": parameters}
        return self._body(data, name, *required)

    def _first_page_of(
        self, cell_spec_id: str | CellSpecification | None, data: Mapping[str, Any]
    ) -> Page[ParameterizedModel]:
        if cell_spec_id is None:
            return self.list_by_project(data.get("project_id"), summary=True)
        return self.list_by_cell_specification(cell_spec_id)
