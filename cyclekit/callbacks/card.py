"""The model card, at the end of a run."""

from __future__ import annotations

from cyclekit.training.state import Callback, Training


class Card(Callback):
    """README.md in the folder of a run that came to its end; one that was interrupted is no model yet."""

    def ended(self, training: Training) -> None:
        """Write it."""
        if training.stop != "interrupted":
            from cyclekit.sharing.model_card import write_card  # the hub's library takes a while to import

            write_card(training.folder)
