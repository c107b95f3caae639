"""Every operation of the API. A new one is a declaration here, and its handler."""
