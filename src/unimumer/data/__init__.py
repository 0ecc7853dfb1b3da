"""Datasets as samples, in the layout of the released system."""

from unimumer.data.captions import read_captions
from unimumer.data.sample import DataError, Sample
from unimumer.data.sharegpt import Prompted, Record, read_prompts, record, write_prompts

__all__ = [
    "DataError",
    "Prompted",
    "Record",
    "Sample",
    "read_captions",
    "read_prompts",
    "record",
    "write_prompts",
]
