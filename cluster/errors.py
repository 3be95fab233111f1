"""The one error this package raises for what a person has to put right."""


class ClusterError(Exception):
    """Its text names what is wrong and what to do about it."""
