"""The released system's report, to the byte."""

from __future__ import annotations

from unimumer.metrics.text import Totals


def report_totals(totals: Totals) -> str:
    """The text of the released system's `<name>_results.txt`, byte for byte once encoded as UTF-8.

    Its "Character Error Rate" is `token_edits_per_label_character`: that is what the published reports hold,
    although the published script (commit 20fd8ce) divides character edits by them.
    """
    rule = "=" * 60
    shares = [count / totals.n * 100 for count in totals.within]
    lines = [
        "",
        rule,
        " " * 20 + "EVALUATION RESULTS",
        rule,
        "",
        "Dataset Statistics:",
        f"  Total Samples: {totals.n:,}",
        "",
        "Core Metrics:",
        f"  {'Mean Edit Score:':<22}{100 * totals.edit_score:>9.4f}%",
        f"  {'BLEU-4 Score:':<22}{100 * totals.bleu_4:>9.4f}%",
        f"  {'Character Error Rate:':<22}{totals.token_edits_per_label_character:>9.4f}",
        "",
        "Error Threshold Analysis:",
        f"  {'Exact Match Rate:':<22}{shares[0]:>9.4f}% (0 errors)",
        *(f"  {f'Error ≤ {k}:':<22}{shares[k]:>9.4f}%" for k in (1, 2, 3)),
        "",
        "Detailed Error Distribution:",
        # Rounded twice, like the original: 4 digits first.
        *(f"  Errors ≤ {k}: {totals.within[k]:>6,} samples ({round(shares[k], 4):>6.2f}%)" for k in range(4)),
        "",
        rule,
    ]
    return "\n".join(lines) + "\n"
