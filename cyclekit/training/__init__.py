"""Training a run: START at the loop; `Training` is what changes on the way, and resuming how it goes on."""
