"""Many pictures: streaming, resumable inference over a folder of prompts."""

from unimumer.batch.errors import BatchError
from unimumer.batch.journal import Outcome
from unimumer.batch.predictions import replacing
from unimumer.batch.prompts import PromptsFile, Record, check_prompts
from unimumer.batch.run import SHOWN_FAILURES, Plan, Summary, run

__all__ = [
    "SHOWN_FAILURES",
    "BatchError",
    "Outcome",
    "Plan",
    "PromptsFile",
    "Record",
    "Summary",
    "check_prompts",
    "replacing",
    "run",
]
