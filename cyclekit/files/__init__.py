"""Files and folders, whatever they hold: found, fetched, locked, and written so that they are whole or not there."""
