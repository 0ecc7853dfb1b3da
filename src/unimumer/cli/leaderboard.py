"""`unimumer leaderboard`: results of many models and sets in one table."""

from __future__ import annotations

from pathlib import Path

import click

from unimumer.cli.options import EXISTING_FILE, FILE, keep_apart


@click.command()
@click.argument("results", nargs=-1, required=True, type=EXISTING_FILE)
@click.option("--score", default="exp_rate", help="Which figure of `evaluate --json`: notation_match, …")
@click.option("--markdown", type=FILE, help="Write the table as Markdown.")
@click.option("--html", type=FILE, help="Write the table as a page.")
def leaderboard(results: tuple[Path, ...], score: str, markdown: Path | None, html: Path | None) -> None:
    """Put results into one table: models down, sets across.

    RESULTS are what `evaluate --json` and `benchmark` wrote, or predictions MODEL/SET_pred.json, which are scored
    first. A number whose labels, n or version differ from the others of its column is marked, and a note says how.

    \b
    Examples:
      unimumer leaderboard runs/*/benchmark.json
      unimumer leaderboard nano/*_pred.json uni-mumer-3b/*_pred.json --score ink_match --markdown table.md

    Exit code: 0 done, 1 a file cannot be read, 2 wrong use.
    """
    keep_apart(results, {"--markdown": markdown, "--html": html})
    from unimumer.files import write_text
    from unimumer.metrics import leaderboard as boards
    from unimumer.metrics.evaluation import TITLES

    if score not in TITLES:
        raise click.BadParameter(f"expected one of {', '.join(TITLES)}", param_hint="--score")
    board = boards.leaderboard(list(boards.read_entries(results, score)), score)
    click.echo(boards.to_text(board), nl=False)
    if markdown is not None:
        write_text(markdown, boards.to_markdown(board))
    if html is not None:
        write_text(html, boards.to_html(board))
