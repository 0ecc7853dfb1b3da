"""`unimumer serve`: the recognizer over HTTP."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from unimumer.cli import options
from unimumer.cli.options import AT_LEAST_1

if TYPE_CHECKING:
    from unimumer.engines.base import Engine
    from unimumer.engines.ray import ClusterLayout

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
@click.option("--rate", "client_rate", type=AT_LEAST_1, default=1200, help="Requests a client and minute.")
@options.cluster("Read", "replica", 2)
def serve(model: str, host: str, port: int, threads: int, workers: int | None, **given: Any) -> None:
    """Answer over HTTP: pictures and strokes in, LaTeX out, and the page where `make page` has built it.

    Every question needs one of the keys in UNIMUMER_API_KEYS (parted by commas), if it is set. SIGTERM and Ctrl+C
    finish what is under way and end with exit code 0. docs/server.md has the interface; so has /openapi.json.

    \b
    Examples:
      unimumer serve
      curl --data-binary @photo.jpg http://127.0.0.1:8000/v1/recognize
      curl --data-binary @photo.jpg 'http://127.0.0.1:8000/v1/recognize?formats=mathml,typst&beams=4'
      unimumer serve --model models/Uni-MuMER-3B --workers 1 --threads 8
      unimumer serve --ray auto --replicas 8

    Exit code: 0 ended by a signal, 1 the address is not to be had, 2 wrong use.
    """
    try:
        from unimumer.serve import ServeError, ServeSettings, create_app, listen, server
    except ImportError:
        raise click.UsageError("the server needs its extra: pip install 'unimumer[serve]'") from None
    from unimumer.environment import processors

    layout = options.layout(threads, given)
    keys = tuple(key.strip() for key in os.environ.get(KEYS, "").split(",") if key.strip())
    workers = workers or (layout.workers if layout else min(4, processors()))
    try:
        settings = ServeSettings(keys, workers, **given)
    except ServeError as error:
        raise click.UsageError(str(error)) from None
    # Before the model is loaded, which takes long: a port that is taken shows at once, and who asks early waits.
    with listen(host, port) as listener, _engine(model, threads, layout) as engine:
        if not keys and host not in ("127.0.0.1", "::1", "localhost"):
            click.echo(f"no {KEYS}: whoever reaches this machine may ask", err=True)
        shown = f"[{host}]" if ":" in host else host
        click.echo(f"{engine.name} at http://{shown}:{listener.getsockname()[1]}", err=True)
        options.tell_uncalibrated(engine)
        server(create_app(engine, settings), settings).run(sockets=[listener])


def _engine(model: str, threads: int, layout: ClusterLayout | None) -> AbstractContextManager[Engine]:
    """The model, here or, with a layout, in replicas on a Ray cluster until the end of the block."""
    from unimumer.engines.base import EngineError
    from unimumer.engines.load import EngineSettings, anywhere, load_engine
    from unimumer.engines.ray import Replicas

    load = partial(load_engine, anywhere(model)[0], EngineSettings(threads=threads, parts=threads))
    try:
        return Replicas(load, layout) if layout else nullcontext(load())
    except EngineError as error:
        raise click.BadParameter(str(error), param_hint="--ray" if layout else "--model") from None
