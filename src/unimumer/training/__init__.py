"""Everything that makes models better: Nano's own training, LLaMA-Factory's, and the corpus of errors."""

from unimumer.errors import UnimumerError


class TrainingError(UnimumerError):
    """A run, or a model to train, is not what training can go on with."""
