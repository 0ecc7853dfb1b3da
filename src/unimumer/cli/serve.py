"""`unimumer serve`: the recognizer over HTTP."""

from __future__ import annotations

import os

import click

from unimumer.cli import options
from unimumer.cli.options import AT_LEAST_1

KEYS = "UNIMUMER_API_KEYS"
"""Environment variable with the keys, since arguments of a command can be seen by everybody on the machine."""


@click.command()
@options.model
@click.option("--host", default="127.0.0.1", help="Address to listen on; 0.0.0.0 for all.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, help="0 takes a free one.")
@click.option("--workers", type=AT_LEAST_1, help="Calls of the model at once.  [default: processors, at most 4]")
@click.option("--threads", type=AT_LEAST_1, default=1, help="Threads of each call.")
@click.option("--queue", type=AT_LEAST_1, default=128, help="Pictures that may wait.")
@click.option("--deadline", callback=options.seconds, default="30s", help="Time for an answer.")
@click.option("--rate", type=AT_LEAST_1, default=1200, help="Requests a client and minute.")
def serve(
    model: str, host: str, port: int, workers: int | None, threads: int, queue: int, deadline: float, rate: int
) -> None:
    """Answer over HTTP: pictures and strokes in, LaTeX out, and the page where `make page` has built it.

    Every question needs one of the keys in UNIMUMER_API_KEYS (parted by commas), if it is set. SIGTERM and Ctrl+C
    finish what is under way and end with exit code 0. docs/server.md has the interface; so has /openapi.json.

    \b
    Examples:
      unimumer serve
      curl --data-binary @photo.jpg http://127.0.0.1:8000/v1/recognize
      curl --data-binary @photo.jpg 'http://127.0.0.1:8000/v1/recognize?formats=mathml,typst&beams=4'
      unimumer serve --model models/Uni-MuMER-3B --workers 1 --threads 8

    Exit code: 0 ended by a signal, 1 the address is not to be had, 2 wrong use.
    """
    try:
        from unimumer.serve import ServeError, ServeSettings, create_app, listen, server
    except ImportError:
        raise click.UsageError("the server needs its extra: pip install 'unimumer[serve]'") from None
    from unimumer.engines.base import EngineError
    from unimumer.engines.load import EngineSettings, load_engine
    from unimumer.environment import processors

    keys = tuple(key.strip() for key in os.environ.get(KEYS, "").split(",") if key.strip())
    workers = workers or min(4, processors())
    try:
        settings = ServeSettings(keys, workers, queue, deadline=deadline, client_rate=rate)
    except ServeError as error:
        raise click.UsageError(str(error)) from None
    try:
        engine = load_engine(model, EngineSettings(threads=threads, parts=threads))
    except EngineError as error:
        raise click.BadParameter(str(error), param_hint="--model") from None
    listener = listen(host, port)
    if not keys and host not in ("127.0.0.1", "::1", "localhost"):
        click.echo(f"no {KEYS}: whoever reaches this machine may ask", err=True)
    shown = f"[{host}]" if ":" in host else host
    click.echo(f"{engine.name} at http://{shown}:{listener.getsockname()[1]}", err=True)
    server(create_app(engine, settings), settings).run(sockets=[listener])
