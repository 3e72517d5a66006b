"""What every modality's numbers share: the seams of metrics and health checks, and what resampling says of a number."""
