"""What was decided: rules in order of precedence over the resource, the memory and the picture."""
