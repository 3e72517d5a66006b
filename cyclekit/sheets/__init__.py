"""Sample sheets: the cells of held-out items, saved one by one with an index, and laid out for people to open."""
