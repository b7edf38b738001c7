"""Cell specifications: the design of a cell type."""

from collections.abc import Iterable, Mapping
from typing import Any, Unpack

from ionworks.data import filters
from ionworks.data.filters import CellSpecFilters
from ionworks.data.paging import Page
from ionworks.errors import ConflictError
from ionworks.records.cell_spec import CellSpecification
from ionworks.records.project import Project
from ionworks.requests.cell_spec import COMPONENTS, check_components, check_quantities
from ionworks.requests.fields import boolean
from ionworks.resources.resource import Resource
from ionworks.transport.call import call
from ionworks_api_client.api.cell_spec import (
    create_cell_spec,
    delete_cell_spec,
    get_cell_spec,
    get_resolved_cell_spec,
    list_cell_specs,
    update_cell_spec,
)
from ionworks_api_client.models import CellSpecificationRequest, CellSpecificationUpdate

# Inside the class `list` is the method; this name means the type.
Components = list[dict[str, Any]]


class CellSpecResource(Resource):
    """Create, find and change cell specifications."""

    def list(
        self,
        include_components: bool = False,
        limit: int | None = None,
        offset: int | None = None,
        *,
        project_id: str | Project | None = None,
        material_id: str | Iterable[str] | None = None,
        **wanted: Unpack[CellSpecFilters],
    ) -> Page[CellSpecification]:
        """List cell specifications.

        Parameters
        ----------
        include_components : bool, optional
            Whether each specification includes its components and their materials.
        limit, offset : int, optional
            Size and start of the page; `limit` is at most 100.
        project_id : str or Project, optional
            Only those of a project; of all projects if not given. To search by exact name or
            material a project is required: then it is the client's default if not given.
        material_id : str or iterable of str, optional
            Only those with this material, or any of these materials, in any component.
        **wanted
            Filters and order, see `ionworks.data.filters.CellSpecFilters`.

        Raises
        ------
        ValueError, TypeError
            If an argument is invalid; nothing was sent.
        """
        boolean(include_components, "include_components")
        query = filters.query(wanted, CellSpecFilters)
        materials = self._material_search(material_id)
        needs_project = bool(materials) or any(
            name == "name_exact" or name.endswith("_material_id") for name in wanted
        )
        if needs_project:
            project_id = self._required_project(project_id)
        else:
            project_id = self._optional_identifier(project_id, "project_id")
        return self._page(
            list_cell_specs.sync_detailed,
            CellSpecification,
            limit,
            offset,
            full=include_components or None,
            project_id=project_id,
            **materials,
            **query,
        )

    def get(self, cell_spec_id: str | CellSpecification) -> CellSpecification:
        """Get a cell specification with its components and their materials."""
        identifier = self._identifier(cell_spec_id, "cell_spec_id")
        return CellSpecification.from_model(
            call(get_cell_spec.sync_detailed, identifier, client=self._api)
        )

    def get_resolved(self, cell_spec_id: str | CellSpecification) -> CellSpecification:
        """Get a cell specification with the values of its components and materials filled in."""
        identifier = self._identifier(cell_spec_id, "cell_spec_id")
        return CellSpecification.from_model(
            call(get_resolved_cell_spec.sync_detailed, identifier, client=self._api)
        )

    def create(self, data: Mapping[str, Any]) -> CellSpecification:
        """Create a cell specification.

        Parameters
        ----------
        data : mapping
            ``name`` is required. Optional: ``form_factor``, ``manufacturer``, ``ratings``,
            ``anode``, ``cathode``, ``electrolyte``, ``separator``, ``case``, ``source``,
            ``properties``, ``notes``, ``project_id``. A rating is ``{"value": 5.0, "unit":
            "A.h"}``; a component is ``{"properties": {name: quantity or text}, "material":
            {"name": ..., "manufacturer": ..., "definition": {...}}}``. Without `project_id` the
            client's default project is used.

        Raises
        ------
        ValueError, TypeError
            If a field is invalid; nothing was sent.
        ConflictError
            If the name is taken; `existing_id` of the exception is the id of the existing record.
        """
        fields = self._checked(data, "name")
        project = self._project(fields.get("project_id")) or self._engine_project()
        if project is not None:
            fields["project_id"] = project
        body = CellSpecificationRequest.from_dict(fields)
        return CellSpecification.from_model(
            call(create_cell_spec.sync_detailed, client=self._api, body=body)
        )

    def create_or_get(self, data: Mapping[str, Any]) -> CellSpecification:
        """Create a cell specification, or get the existing one with that name.

        Parameters are those of `create`. An existing record is not changed.
        """
        try:
            return self.create(data)
        except ConflictError as conflict:
            return self._existing(
                conflict,
                self.get,
                lambda: self.list(
                    include_components=True,
                    limit=1,
                    project_id=data.get("project_id"),
                    name_exact=data["name"],
                ),
            )

    def update(
        self, cell_spec_id: str | CellSpecification, data: Mapping[str, Any]
    ) -> CellSpecification:
        """Change a cell specification.

        Parameters
        ----------
        cell_spec_id : str or CellSpecification
            The cell specification.
        data : mapping
            At least one of the fields of `create`; other fields keep their values. Components and
            materials are changed, or created if they do not exist.
        """
        identifier = self._identifier(cell_spec_id, "cell_spec_id")
        body = CellSpecificationUpdate.from_dict(self._checked(data))
        return CellSpecification.from_model(
            call(update_cell_spec.sync_detailed, identifier, client=self._api, body=body)
        )

    def delete(self, cell_spec_id: str | CellSpecification) -> None:
        """Delete a cell specification."""
        identifier = self._identifier(cell_spec_id, "cell_spec_id")
        call(delete_cell_spec.sync_detailed, identifier, client=self._api)

    def related_specs(
        self,
        cell_spec_id: str | CellSpecification,
        slots: str | Iterable[str] | None = None,
        exclude_self: bool = True,
        limit: int | None = None,
        offset: int | None = None,
    ) -> Page[CellSpecification]:
        """List the cell specifications that share a material with a given one.

        Parameters
        ----------
        cell_spec_id : str or CellSpecification
            The cell specification.
        slots : str or iterable of str, optional
            Compare the materials of these components only: ``anode``, ``cathode``,
            ``electrolyte``, ``separator``, ``case``.
        exclude_self : bool, optional
            Whether to exclude the specification itself.
        limit, offset : int, optional
            Size and start of the page; `limit` is at most 100.
        """
        chosen = COMPONENTS if slots is None else _slots(slots)
        spec = self.get(cell_spec_id)
        components: Components = [spec[slot] or {} for slot in chosen]
        materials = {str(each["material_id"]) for each in components if each.get("material_id")}
        if not materials:
            return Page([], total=0)
        return self.list(
            limit=limit,
            offset=offset,
            project_id=spec.project_id,
            material_id=sorted(materials),
            exclude_cell_spec_id=spec.id if exclude_self else None,
        )

    def _material_search(self, material_id: Any) -> dict[str, Any]:
        if material_id is None:
            return {}
        if isinstance(material_id, str) or not isinstance(material_id, Iterable):
            return {"material_id": self._identifier(material_id, "material_id")}
        found = [self._identifier(each, "material_id") for each in material_id]
        if not found:
            raise ValueError("material_id is an empty list: give at least one id, or omit it")
        return {"material_ids": found}

    def _checked(self, data: Any, *required: str) -> dict[str, Any]:
        fields = self._body(data, "data", *required)
        if fields.get("ratings") is not None:
            check_quantities(fields["ratings"], "data['ratings']")
        check_components(fields, "data")
        return fields


def _slots(slots: Any) -> tuple[str, ...]:
    chosen = (slots,) if isinstance(slots, str) else tuple(slots)
    unknown = [slot for slot in chosen if slot not in COMPONENTS]
    if unknown:
        raise ValueError(
            f"unknown slots {', '.join(map(repr, unknown))}; valid slots: {', '.join(COMPONENTS)}"
        )
    return chosen
