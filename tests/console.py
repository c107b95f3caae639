"""Where tables are printed: as wide as the terminal, or as a log wants them."""

from rich.console import Console


def console(log_columns: int) -> Console:
    """The terminal; `log_columns` wide where there is none."""
    terminal = Console(highlight=False)
    return terminal if terminal.is_terminal else Console(highlight=False, width=log_columns)
