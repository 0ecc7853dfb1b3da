"""The one family of errors a caller can mend: what was wrong, where, and what to do about it."""


class UnimumerError(ValueError):
    """Base of every error this package raises about what it was given."""
