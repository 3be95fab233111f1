"""What should exist: every manifest, made from frozen revisions and the decision."""
