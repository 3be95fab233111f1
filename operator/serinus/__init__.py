"""Progressive delivery for machine-learning models on Kubernetes.

Data flows one way: resource (asked) -> observe (seen) -> decide (decided) -> render (desired)
-> act (done) -> report (told); adapters are the only sockets, handlers say when.
"""
