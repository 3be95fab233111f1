"""A Kubernetes cluster for trying serinus out: kind, a node built from source, or the user's own.

On a shell: ``python3 -m cluster up|down|status|assets|kubeconfig|image|path|shell-env``.

From Python (standard library only)::

    from cluster.images import build  # build(containerfile, context, tag, build_args) -> ref
    from cluster.providers import chosen  # chosen("auto").kubeconfig(), .addresses(), ...
    from cluster.programs import path_of  # path_of("helm"), built or fetched where missing
    from cluster.assets import directory  # directory() holds kube-apiserver, etcd and kubectl
"""
