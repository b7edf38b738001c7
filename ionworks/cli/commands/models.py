"""`ionworks models`: models with the parameter values of cells."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ionworks.cli.output import table
from ionworks.cli.registry import FIND, app, command
from ionworks.cli.session import Session


@command(
    app,
    "models",
    panel=FIND,
    epilog="The JSON is a list of models; with --parameters an object of values by name, with"
    " --variables a list of names.",
)
def models(
    session: Session,
    text: Annotated[
        str,
        typer.Argument(
            metavar="TEXT|MODEL",
            help="Only models whose id, name or description contains this text; for --parameters"
            " and --variables the id of a model.",
            show_default=False,
        ),
    ] = "",
    *,
    parameters: Annotated[
        bool, typer.Option("--parameters", help="Show the parameter values of a model.")
    ] = False,
    variables: Annotated[
        bool, typer.Option("--variables", help="List the output variables of a model.")
    ] = False,
) -> None:
    """List the available models, or the parameters or variables of one."""
    if parameters and variables:
        raise ValueError("--parameters and --variables cannot be combined: give one of them")
    if (parameters or variables) and not text:
        raise ValueError(
            "give the id of a model, such as 'ionworks models spm-chen2020 --parameters'"
        )
    resource = session.client.parameterized_model
    if parameters:
        values = resource.get_parameter_values(text)
        rows = [{"parameter": name, "value": _shown(each)} for name, each in values.items()]
        session.output.result(values, lambda: table(rows, ("parameter", "value")))
    elif variables:
        names = resource.get_variable_names(text)
        session.output.result(names, lambda: "\n".join(names))
    else:
        session.require_project()
        found = [
            each
            for each in resource.list_by_project(limit=100).walk()
            if text.lower() in f"{each.id} {each.name} {each.description}".lower()
        ]
        documents = [each.to_dict() for each in found]
        session.output.result(documents, lambda: table(documents, ("id", "name", "description")))


def _shown(value: Any) -> Any:
    return "(function or table)" if isinstance(value, dict) else value
