"""The least that the task service would be in Python: FastAPI with Dapr's SDK, and no database or tokens at all."""

import os
from uuid import UUID, uuid4

import uvicorn
from dapr.clients import DaprClient  # noqa: F401 (what publishes; it is not made, which would wait for the sidecar)
from dapr.ext.fastapi import DaprApp
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field

app = FastAPI()
dapr = DaprApp(app)


class NewTask(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str = Field(min_length=1, max_length=200)
    description: str | None = None
    priority: str = "medium"
    tags: list[str] = []


class Task(NewTask):
    id: UUID
    status: str = "open"


class TaskEvent(BaseModel):
    event_id: UUID
    user_id: str
    task_id: UUID
    data: dict


class CloudEvent(BaseModel):
    id: str
    type: str
    source: str
    data: TaskEvent


@app.post("/tasks", status_code=201)
async def create_task(task: NewTask) -> Task:
    return Task(id=uuid4(), **task.model_dump())


@dapr.subscribe(pubsub="taskevents", topic="evolution-todo.tasks.created", route="/events/task-created")
async def on_task_created(event: CloudEvent) -> dict[str, str]:
    return {"status": "SUCCESS"}


uvicorn.run(app, host=os.environ["HOST"], port=int(os.environ["PORT"]), log_level="warning")
