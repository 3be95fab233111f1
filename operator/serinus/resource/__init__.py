"""What was asked for: the custom resource, its defaults, its revisions and the names of its children."""
