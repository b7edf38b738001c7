"""The content of a new folder: one project with the ready-made models."""

from __future__ import annotations

from sqlalchemy import insert, select

from ionworks.engine.catalogue import MODELS, catalogue
from ionworks.server.store.access import DEFAULT_PROJECT
from ionworks.server.store.database import Store, now
from ionworks.server.store.repetition import repeatable
from ionworks.server.store.scope import slug
from ionworks.server.store.tables import models, parameterized_models, projects


@repeatable
def plant(store: Store) -> None:
    """Add the default project, its models and parameterized models to a new folder.

    A folder that has the project is not changed, so that deleted models stay deleted.
    """
    moment = now()
    stamps = {"created_at": moment, "updated_at": moment}
    with store.reading() as connection:
        if connection.scalar(select(projects.c.id).where(projects.c.id == DEFAULT_PROJECT)):
            return
    with store.writing() as connection:
        if connection.scalar(select(projects.c.id).where(projects.c.id == DEFAULT_PROJECT)):
            return  # another process opened the folder first
        connection.execute(
            insert(projects),
            {
                "id": DEFAULT_PROJECT,
                "name": "Default project",
                "description": "Made with this folder; holds the ready-made models.",
                **stamps,
            },
        )
        connection.execute(
            insert(models),
            [
                {
                    "id": slug(name),
                    "project_id": DEFAULT_PROJECT,
                    "name": name,
                    "description": title,
                    "config": {"type": name, "options": {}},
                    **stamps,
                }
                for name, title in MODELS.items()
            ],
        )
        connection.execute(
            insert(parameterized_models),
            [
                {
                    "id": slug(ready["name"]),
                    "project_id": DEFAULT_PROJECT,
                    "model_id": slug(ready["model"]),
                    "name": ready["name"],
                    "description": ready["description"],
                    "parameter_set": ready["parameter_set"],
                    "parameters": {},
                    **stamps,
                }
                for ready in catalogue()
            ],
        )
