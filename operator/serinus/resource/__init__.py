"""What was asked for: the custom resource, its defaults, revisions and children's names."""
