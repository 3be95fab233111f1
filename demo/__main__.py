"""`python -m demo`: one good model, three bad ones and a dying operator, on the cluster in use."""

from __future__ import annotations

import sys
import time
from contextlib import suppress

from cluster.errors import ClusterError
from cluster.kubectl import Kubectl
from cluster.providers import chosen
from cluster.target import Cluster
from demo.apiserver import ApiServer, api_server
from demo.clients import clients_leave
from demo.errors import StoryError, UnreachableError
from demo.installing import Images, build_images, prepare
from demo.oncall import look_around
from demo.sights import Told, read_events
from demo.stage import Stage
from demo.story import tell
from demo.summary import Account, faults, written
from demo.table import display
from demo.watching import Watcher

TROUBLES = (StoryError, UnreachableError, ClusterError)


def main() -> int:
    started = time.time()
    try:
        return run(chosen(), started)
    except (UnreachableError, ClusterError) as error:
        print(f"error: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("interrupted; the next `make demo` starts from the beginning", file=sys.stderr)
    return 1


def run(cluster: Cluster, started: float) -> int:
    kubectl = Kubectl(cluster.kubeconfig())
    images = build_images(cluster)
    try:
        prepare(cluster, kubectl, images)
    except ClusterError:
        print("\n".join(look_around(cluster.kubeconfig())))
        raise
    with api_server(cluster.kubeconfig()) as server:
        account = play(cluster, kubectl, server, images, started)
    wrong = faults(account)
    if wrong:
        print("\n".join(look_around(cluster.kubeconfig())))
    print(written(account))
    return 1 if wrong else 0


def play(
    cluster: Cluster, kubectl: Kubectl, server: ApiServer, images: Images, started: float
) -> Account:
    trouble = ""
    with display(started) as shown:
        stage = Stage(
            kubectl=kubectl,
            cluster=server,
            watch=Watcher(server, shown.show),
            image=images.demo,
            addresses=cluster.addresses(),
            announce=shown.announce,
        )
        try:
            tell(stage)
        except TROUBLES as error:
            trouble = str(error)
            send_clients_home(stage)
    return Account(
        started=started,
        ended=time.time(),
        sight=stage.watch.last,
        events=last_words_of(server),
        kill=stage.kill,
        final_load=stage.final_load,
        trouble=trouble,
    )


def send_clients_home(stage: Stage) -> None:
    """Their count is as telling when the story went wrong; they may never have come, though."""
    with suppress(*TROUBLES):
        clients_leave(stage)


def last_words_of(server: ApiServer) -> tuple[Told, ...]:
    try:
        return tuple(read_events(server.events()))
    except UnreachableError:
        return ()


if __name__ == "__main__":
    sys.exit(main())
