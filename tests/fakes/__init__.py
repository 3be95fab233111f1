"""A world for scenarios: the same protocols, no sockets, and a clock moved by hand."""
