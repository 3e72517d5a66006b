"""Exporting: a run's generators as files for other runtimes. What runs them without PyTorch is `cyclekit.exported`."""
