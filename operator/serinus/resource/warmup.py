"""Requests that a pod has to have answered before it counts as ready."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from serinus.resource.quantities import Duration
from serinus.resource.schema import Schema

WarmupPath = Annotated[str, StringConstraints(pattern=r"^/[!-~]*$", max_length=1024)]
Body = Annotated[str, StringConstraints(max_length=8192)]
ContentType = Annotated[str, StringConstraints(pattern=r"^[!-~]([ -~]*[!-~])?$", max_length=128)]


class WarmupRequest(Schema):
    """One kind of request: a POST where it has a body, else a GET."""

    path: WarmupPath = Field(description="Path and query.")
    body: Body | None = Field(None, description="What is posted.")
    content_type: ContentType = Field("application/json", description="What the body is.")
    times: int = Field(1, ge=1, le=1000, description="How often it is sent, one after another.")


class Warmup(Schema):
    """What is sent to a model when it has started; each must be answered by a 2xx."""

    requests: Annotated[tuple[WarmupRequest, ...], Field(min_length=1, max_length=8)] = Field(
        description="Requests in order."
    )
    port: int | None = Field(
        None, ge=1, le=65535, description="Container port; the first of the model by default."
    )
    timeout: Duration = Field(60.0, description="For one answer.")
    patience: Duration = Field(
        60.0, description="How long a bad answer, not a 503, is asked again before it is told."
    )
