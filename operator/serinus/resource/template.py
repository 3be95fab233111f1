"""The pod template: kept as written, looked at only as far as the operator relies on it."""
# ruff: noqa: N815 - fields are called what they are called in the template

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    JsonValue,
    StringConstraints,
    ValidationError,
)
from pydantic_core import CoreSchema

Short = Annotated[str, StringConstraints(max_length=63)]
ConfigMapName = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$", max_length=253)
]
"""It becomes a part of a path that we ask the API server for, and of a copy's name."""


def _if_any() -> Any:
    """What is written as null is not there, and stays written: it is part of the digest."""
    return Field(None, json_schema_extra={"nullable": True})


class _Open(BaseModel):
    model_config = ConfigDict(
        extra="ignore",
        strict=True,
        json_schema_extra={"x-kubernetes-preserve-unknown-fields": True},
    )


class _Reference(_Open):
    name: ConfigMapName | None = _if_any()
    optional: bool | None = _if_any()


class _Port(_Open):
    containerPort: Annotated[int, Field(ge=1, le=65535)]
    name: str | None = _if_any()
    protocol: str | None = _if_any()


class _ValueFrom(_Open):
    configMapKeyRef: _Reference | None = _if_any()


class _Variable(_Open):
    name: str | None = _if_any()
    valueFrom: _ValueFrom | None = _if_any()


class _VariablesFrom(_Open):
    configMapRef: _Reference | None = _if_any()


class _Mount(_Open):
    name: str | None = _if_any()
    mountPath: str | None = _if_any()


class _Hook(_Open):
    pass


class _Lifecycle(_Open):
    preStop: _Hook | None = _if_any()


class _Container(_Open):
    name: Short
    image: str | None = _if_any()
    command: list[str] | None = _if_any()
    args: list[str] | None = _if_any()
    ports: list[_Port] | None = _if_any()
    env: list[_Variable] | None = _if_any()
    envFrom: list[_VariablesFrom] | None = _if_any()
    volumeMounts: list[_Mount] | None = _if_any()
    lifecycle: _Lifecycle | None = _if_any()


class _Source(_Open):
    configMap: _Reference | None = _if_any()


class _Projected(_Open):
    sources: list[_Source] | None = _if_any()


class _Volume(_Open):
    name: str | None = _if_any()
    configMap: _Reference | None = _if_any()
    projected: _Projected | None = _if_any()


class _Metadata(_Open):
    labels: Annotated[dict[str, Short | None], Field(max_length=64)] | None = None
    annotations: dict[str, str] | None = _if_any()


class _PodSpec(_Open):
    restartPolicy: Literal["Always"] | None = None
    terminationGracePeriodSeconds: int | None = _if_any()
    initContainers: list[_Container] | None = _if_any()
    containers: Annotated[list[_Container], Field(min_length=1, max_length=32)]
    volumes: list[_Volume] | None = _if_any()


class _PodTemplate(_Open):
    metadata: _Metadata | None = None
    spec: _PodSpec


class _LookedAt:
    """The API server is told to check what we check: only the text is another."""

    @staticmethod
    def __get_pydantic_json_schema__(
        _core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> Any:
        return handler(_PodTemplate.__pydantic_core_schema__)


def _check(template: dict[str, JsonValue]) -> dict[str, JsonValue]:
    try:
        _PodTemplate.model_validate(template)
    except ValidationError as invalid:
        faults = invalid.errors()
        told = (f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in faults)
        raise ValueError("; ".join(told)) from None
    return template


PodTemplate = Annotated[dict[str, JsonValue], AfterValidator(_check), _LookedAt()]


def labels_of(template: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the labels a template gives its pods."""
    return (template.get("metadata") or {}).get("labels") or {}
