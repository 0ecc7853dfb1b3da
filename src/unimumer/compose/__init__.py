"""Endless labelled expressions out of real ink."""

from unimumer.errors import UnimumerError


class ComposeError(UnimumerError):
    """The ink, or a packed corpus of it, cannot be composed of."""
