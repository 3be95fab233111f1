"""The pod template: kept as written, looked at only as far as the operator relies on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    ValidationError,
    WithJsonSchema,
)

Short = Annotated[str, StringConstraints(max_length=63)]

_OPEN = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
POD_TEMPLATE_SCHEMA: dict[str, Any] = {
    **_OPEN,
    "required": ["spec"],
    "properties": {
        "metadata": {
            **_OPEN,
            "properties": {
                "labels": {
                    "type": "object",
                    "maxProperties": 64,
                    "additionalProperties": {"type": "string", "maxLength": 63},
                }
            },
        },
        "spec": {
            **_OPEN,
            "required": ["containers"],
            "properties": {
                "restartPolicy": {"type": "string", "enum": ["Always"]},
                "containers": {
                    "type": "array",
                    "minItems": 1,
                    "maxItems": 32,
                    "items": {
                        **_OPEN,
                        "required": ["name"],
                        "properties": {"name": {"type": "string", "maxLength": 63}},
                    },
                },
            },
        },
    },
}
"""What the API server checks; `_PodTemplate` below says the same."""


class _Open(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)


class _Metadata(_Open):
    labels: Annotated[dict[str, Short | None], Field(max_length=64)] | None = None


class _Container(_Open):
    name: Short


class _PodSpec(_Open):
    restartPolicy: Literal["Always"] | None = None  # noqa: N815 - as written in the template
    containers: Annotated[list[_Container], Field(min_length=1, max_length=32)]


class _PodTemplate(_Open):
    metadata: _Metadata | None = None
    spec: _PodSpec


def _check(template: dict[str, JsonValue]) -> dict[str, JsonValue]:
    try:
        _PodTemplate.model_validate(template)
    except ValidationError as invalid:
        faults = invalid.errors()
        told = (f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in faults)
        raise ValueError("; ".join(told)) from None
    return template


PodTemplate = Annotated[
    dict[str, JsonValue], AfterValidator(_check), WithJsonSchema(POD_TEMPLATE_SCHEMA)
]


def labels_of(template: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the labels a template gives its pods."""
    return (template.get("metadata") or {}).get("labels") or {}
