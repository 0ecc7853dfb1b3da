"""Many pictures: streaming, resumable inference over a folder of prompts."""

from unimumer.batch.answers import Local
from unimumer.batch.errors import BatchError
from unimumer.batch.outcome import Outcome
from unimumer.batch.predictions import replacing
from unimumer.batch.prompts import PromptsFile, Record, check_prompts
from unimumer.batch.run import MEMORY, SHOWN_FAILURES, Plan, Summary, run

__all__ = [
    "MEMORY",
    "SHOWN_FAILURES",
    "BatchError",
    "Local",
    "Outcome",
    "Plan",
    "PromptsFile",
    "Record",
    "Summary",
    "check_prompts",
    "replacing",
    "run",
]
