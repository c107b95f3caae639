"""The one error that a user is meant to read."""


class Refused(Exception):
    """Something that the user can put right; its text is one sentence that says how.

    Raised before anything was damaged: what was found is left as it was found.
    """
