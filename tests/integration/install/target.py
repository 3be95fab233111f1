"""A cluster to install into, as a person at a terminal has it: a kubeconfig, kubectl and helm."""

import os
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.chart.rendering import NAMESPACE, Manifest, program

DEFINITION = "customresourcedefinition.apiextensions.k8s.io/mlmodeldeployments.serinus.dev"
TEMPLATES = tuple(
    f"customresourcedefinition.apiextensions.k8s.io/{plural}.serinus.dev"
    for plural in ("objectivetemplates", "clusterobjectivetemplates")
)
ACCOUNT = f"system:serviceaccount:{NAMESPACE}:serinus"

Question = tuple[str, ...]
"""A verb, a resource (`deployments/scale.apps`), a namespace ("": all), and maybe a name."""


class Refused(Exception):
    """A command failed; the message is what it said."""


@dataclass(frozen=True)
class Target:
    """Where things are installed, and the programs that do it."""

    kubeconfig: Path
    home: Path

    def run(self, *command: str, given: str = "") -> str:
        """Run a command with both programs on its PATH; what it printed."""
        programs = {Path(program(name)).parent for name in ("kubectl", "helm")}
        run = subprocess.run(
            command,
            input=given,
            capture_output=True,
            text=True,
            check=False,
            env={
                "PATH": ":".join([*map(str, programs), os.environ["PATH"]]),
                "HOME": str(self.home),
                "KUBECONFIG": str(self.kubeconfig),
            },
        )
        if run.returncode:
            raise Refused(run.stderr)
        return run.stdout

    def kubectl(self, *arguments: str, given: str = "") -> str:
        return self.run("kubectl", *arguments, given=given)

    def helm(self, *arguments: str) -> str:
        return self.run("helm", *arguments, "--namespace", NAMESPACE)

    def apply(self, manifests: Iterable[Manifest], *arguments: str) -> str:
        """Apply on the server's side; a field it does not know is an error."""
        text = yaml.safe_dump_all(manifests)
        strict = ("--server-side", "--validate=strict", "--filename", "-")
        return self.kubectl("apply", *strict, *arguments, given=text)

    def names(self, kind: str, *arguments: str) -> set[str]:
        """The objects there are of a kind, as kind/name."""
        return set(self.kubectl("get", kind, *arguments, "--output", "name").split())

    def allowed(self, questions: Sequence[Question]) -> list[bool]:
        """Whether the operator's account may do these, by the cluster's own authorization."""
        reviews = yaml.safe_dump_all(_review(question) for question in questions)
        answers = 'jsonpath={.status.allowed}{"\\n"}'
        ask = ("create", "--validate=false", "--filename", "-", "--output", answers)
        printed = self.kubectl(*ask, given=reviews)
        return [line == "true" for line in printed.splitlines()]


def _review(question: Question) -> Manifest:
    verb, resource, namespace, *name = question
    path, _, group = resource.partition(".")
    plural, _, subresource = path.partition("/")
    attributes = {"verb": verb, "group": group, "resource": plural, "subresource": subresource}
    attributes |= {"namespace": namespace, "name": name[0] if name else ""}
    return {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SubjectAccessReview",
        "spec": {"user": ACCOUNT, "resourceAttributes": attributes},
    }


def model(name: str, finalizers: Iterable[str] = ()) -> Manifest:
    """A resource that is as small as can be."""
    return {
        "apiVersion": "serinus.dev/v1alpha1",
        "kind": "MLModelDeployment",
        "metadata": {"name": name, "finalizers": list(finalizers)},
        "spec": {
            "model": {"version": "1"},
            "template": {"spec": {"containers": [{"name": "model", "image": "m:1"}]}},
            "traffic": {"gatewayAPI": {"parentRefs": [{"name": "public"}]}},
        },
    }
