"""What the demo calls its things in the cluster."""

from typing import Final

NAMESPACE: Final = "serinus-demo"
MODEL: Final = "diagnosis"
HOST: Final = "diagnosis.example"
LOAD_POD: Final = "load"
LOAD_PORT: Final = 8080

OPERATOR_NAMESPACE: Final = "serinus-system"
OPERATOR_RELEASE: Final = "serinus"
OPERATOR_LABELS: Final = "app.kubernetes.io/name=serinus,app.kubernetes.io/instance=serinus"

FIRST: Final = "v1"
GOOD: Final = "v2"
NULLS: Final = "v3"
CRASHES: Final = "v4"
IGNORES: Final = "v5"
