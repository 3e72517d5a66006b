"""Looking after folders of pictures before they are trained on: what is wrong in them, pairs, subsets by tag."""
