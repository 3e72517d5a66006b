"""recipe.yaml: what may stand in it, and how it is found, read and resolved to one Recipe."""
