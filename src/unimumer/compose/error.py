"""What goes wrong with ink to compose of."""

from unimumer.errors import UnimumerError


class ComposeError(UnimumerError):
    """The ink, or a packed corpus of it, cannot be composed of."""
