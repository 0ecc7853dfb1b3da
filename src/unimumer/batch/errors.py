"""What can be wrong with a batch beside its pictures, its prompts and its model."""

from __future__ import annotations

from unimumer.errors import UnimumerError


class BatchError(UnimumerError):
    """A batch that cannot be run as asked; the message names the file."""
