"""What can go wrong, named by who must fix it."""

from __future__ import annotations


class SerinusError(Exception):
    """Everything this operator raises on purpose."""


class SpecInvalid(SerinusError):
    """The user must fix the resource; every fault names the path of its field."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


class StatusUnreadable(SerinusError):
    """Whoever runs the operator must run the version that wrote it, or mend what is stored."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__(
            f"{'; '.join(faults)}: it can't be read, so nothing is decided and what serves goes "
            "on; has a newer operator written it?"
        )


class ReferenceMissing(SerinusError):
    """The user must create a ConfigMap or Secret that the template needs."""

    def __init__(self, kind: str, name: str, field: str) -> None:
        super().__init__(f"{field}: {kind} {name!r} does not exist")
        self.kind, self.name, self.field = kind, name, field


class ReferenceUnreadable(SerinusError):
    """Whoever runs the operator must let it read this, or the user must not refer to it."""


class ObjectiveTemplateMissing(SerinusError):
    """The user must create a template that the spec refers to, or refer to another."""

    def __init__(self, field: str, template: str) -> None:
        super().__init__(f"{field}: {template} does not exist")


class ObjectiveTemplateOutOfReach(SerinusError):
    """The user must refer to a template of the namespace: this operator sees no other."""

    def __init__(self, field: str, template: str) -> None:
        super().__init__(
            f"{field}: {template} can't be read: the operator is installed for some namespaces "
            "only and has no rights on the cluster; use an ObjectiveTemplate"
        )


class ObjectivesInvalid(SerinusError):
    """The user must mend a template, the arguments given to it, or a name used twice."""


class PrometheusNotListed(SerinusError):
    """The user must name another Prometheus or tenant, or have this one listed in the chart."""

    def __init__(self, field: str, value: str, listed: tuple[str, ...]) -> None:
        super().__init__(
            f"spec.metrics.prometheus.{field}: {value!r} is not among those that the operator was "
            f"told of ({', '.join(listed) or 'none'}); the chart lists them under prometheus"
        )


class PrometheusNotForNamespace(PrometheusNotListed):
    """The user must name another Prometheus, or have the namespace listed with this one."""

    def __init__(self, name: str, namespace: str) -> None:
        which = f"{name!r}" if name else "not given, and the operator's own"
        where = f"prometheus.others.{name}" if name else "prometheus"
        SerinusError.__init__(
            self,
            f"spec.metrics.prometheus.name: {which} is not for models of namespace {namespace!r}; "
            f"the chart lists those that it is for under {where}.namespaces",
        )


UNRESOLVED = tuple(
    error.__name__
    for error in (
        ObjectiveTemplateMissing,
        ObjectiveTemplateOutOfReach,
        ObjectivesInvalid,
        PrometheusNotListed,
        PrometheusNotForNamespace,
    )
)
"""Why not all objectives are known, or can't be judged, as conditions have it."""


class NameTaken(SerinusError):
    """The user must rename or remove an object that exists and is not ours."""

    def __init__(self, kind: str, name: str, owners: str) -> None:
        super().__init__(f"{kind} {name!r} exists and belongs to {owners}; it is left alone")
        self.kind, self.name = kind, name


class WriteRefused(SerinusError):
    """The API server refused a manifest (admission, RBAC, quota); its words are kept."""

    def __init__(self, what: str, status_code: int, reason: str) -> None:
        super().__init__(f"{what}: the API server answered {status_code}: {reason}")
        self.what, self.status_code = what, status_code


class NamespaceGoes(WriteRefused):
    """Nobody needs to fix it: all that is there is deleted, and nothing new is taken."""


class PortTaken(SerinusError):
    """Whoever deploys the operator must give it another port, or end who listens there."""


class Conflict(SerinusError):
    """Somebody else wrote first; look again at once."""


class OutsideUnavailable(SerinusError):
    """Nobody needs to fix it but time: a timeout, a 5xx, a 429."""

    def __init__(self, what: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(what)
        self.retry_after_seconds = retry_after_seconds


NOT_WRITTEN = tuple(
    error.__name__
    for error in (NameTaken, WriteRefused, NamespaceGoes, Conflict, OutsideUnavailable)
)
"""Why not all that was decided could be written, as conditions have it."""


class QueryRefused(SerinusError):
    """The user must fix a query that Prometheus can't evaluate; its words are kept."""

    def __init__(self, query: str, reason: str) -> None:
        super().__init__(f"Prometheus refused the query {query}: {reason}")
        self.query, self.reason = query, reason
