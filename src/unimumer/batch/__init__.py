"""Many pictures: streaming, resumable inference over a folder of prompts."""

from unimumer.batch.answers import Local
from unimumer.batch.claims import BatchError
from unimumer.batch.prompts import BatchItem, Prompts, check_pictures, check_prompts
from unimumer.batch.run import SHOWN_FAILURES, BatchPlan, Summary, run

__all__ = [
    "SHOWN_FAILURES",
    "BatchError",
    "BatchItem",
    "BatchPlan",
    "Local",
    "Prompts",
    "Summary",
    "check_pictures",
    "check_prompts",
    "run",
]
