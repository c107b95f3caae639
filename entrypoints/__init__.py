"""One module per process, and the settings they share."""
