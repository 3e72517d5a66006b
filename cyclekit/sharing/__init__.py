"""Runs for others: the model card, and pushing to and fetching from the Hugging Face hub."""
