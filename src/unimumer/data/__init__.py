"""Datasets as samples, in the layout of the released system."""

from unimumer.data.captions import read_captions
from unimumer.data.sample import DataError, Sample
from unimumer.data.sharegpt import Prompted, read_prompts

__all__ = ["DataError", "Prompted", "Sample", "read_captions", "read_prompts"]
