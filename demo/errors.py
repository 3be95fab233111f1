"""The errors that end the demo before its story is told."""


class StoryError(Exception):
    """The cluster did something else than the story says; the text says what was awaited."""


class UnreachableError(Exception):
    """No answer, or none of use; the next look may have more luck."""
