"""The pool of workers that post the command log."""
