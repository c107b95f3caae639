"""One module per HTTP resource: parse, call the use case, render."""
