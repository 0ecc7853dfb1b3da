"""What several verbs share: their options, and how they say what they were stopped by or could not write."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click
from click.core import ParameterSource

from unimumer.engines import NAMES

if TYPE_CHECKING:
    from unimumer.engines.ray import ClusterLayout

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")
SHOWN = 20
"""Lines of one kind that are shown, of however many there are."""


class _Named(click.Path):
    """A path that has a name: an empty one is a shell's variable that is not set, and means no folder."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not os.fspath(value):
            self.fail("the name is empty", param, ctx)
        return super().convert(value, param, ctx)


PATH = _Named(path_type=Path, allow_dash=True)
FILE = _Named(dir_okay=False, path_type=Path)
FOLDER = _Named(file_okay=False, path_type=Path)
EXISTING = _Named(exists=True, path_type=Path)
EXISTING_FILE = _Named(exists=True, dir_okay=False, path_type=Path)
EXISTING_FOLDER = _Named(exists=True, file_okay=False, path_type=Path)
AT_LEAST_0, AT_LEAST_1 = click.IntRange(min=0), click.IntRange(min=1)

model = click.option("--model", default="nano", help=f"{NAMES}.")
beams = click.option(
    "--beams",
    type=click.IntRange(1, 64),
    help="Width of beam search; 1: greedy.  [default: 1; recognize: 4 with nano]",
)
tta = click.option("--tta", is_flag=True, help="Read each picture also larger and turned, by beams: slowest, best.")
verify = click.option(
    "--verify", is_flag=True, help="Hold answers against the model's other tasks; several times slower."
)
threads = click.option("--threads", type=AT_LEAST_1, help="Processor threads of the model.  [default: all, at most 4]")
max_pixels = click.option(
    "--max-pixels",
    type=AT_LEAST_1,
    help="Larger pictures are shrunk to this; Nano has its own scale.  [default: 262,144, as in training]",
)
as_json = click.option("--json", "as_json", is_flag=True, help="JSON, with all there is to say.")
recursive = click.option("--recursive", is_flag=True, help="Read folders within folders too.")


def cluster(does: str, copy: str, copies: int) -> Callable[[F], F]:
    """The options of a verb that runs on a Ray cluster, for `layout`: --ray, how many models, and what GPUs each has.

    `does` says what it does there, as the help of --ray begins; `copy` is what it calls one of the models.
    """
    help = f"{does} on a Ray cluster: auto, HOST:PORT or ray://HOST:PORT; without an address on this machine."
    ray = click.option("--ray", is_flag=False, flag_value="local", metavar="[ADDRESS]", help=help)
    count = click.option(f"--{copy}s", "copies", type=AT_LEAST_1, default=copies, help="Models on the Ray cluster.")
    gpus = click.option(f"--gpus-per-{copy}", "gpus", type=click.FloatRange(min=0), default=0, help="GPUs of each.")
    return lambda command: ray(count(gpus(command)))


def layout(cpus: int, given: dict[str, Any]) -> ClusterLayout | None:
    """What is asked of a cluster by the options of `cluster`, taken out of `given`; None without --ray.

    Each model gets `cpus` processors. Raises UsageError for the others without --ray, and BadParameter for what no
    cluster could give.
    """
    ray, copies, gpus = (given.pop(name) for name in ("ray", "copies", "gpus"))
    if ray is None:
        context = click.get_current_context()
        for option in context.command.params:
            is_given = context.get_parameter_source(option.name or "") is ParameterSource.COMMANDLINE
            if option.name in ("copies", "gpus") and is_given:
                raise click.UsageError(f"{option.opts[0]} goes with --ray")
        return None
    from unimumer.engines.base import EngineError
    from unimumer.engines.ray import ClusterLayout

    try:
        return ClusterLayout(copies, cpus, gpus, ray)
    except EngineError as error:
        raise click.BadParameter(str(error), param_hint="--ray") from None


def taken(kind: type[T], given: dict[str, Any]) -> T:
    """Options of a command as one object of a dataclass: those that its fields name, taken out of `given`."""
    names = [one.name for one in fields(cast(Any, kind))]
    return kind(**{name: given.pop(name) for name in names})


def seconds(ctx: click.Context, param: click.Parameter, value: str) -> float:
    """Seconds of a duration such as 90s, 20m or 2h."""
    unit = {"s": 1.0, "m": 60.0, "h": 3600.0}.get(value[-1:])
    try:
        found = float(value[:-1]) * unit if unit else float(value)
    except ValueError:
        found = 0.0
    if not 0 <= found < math.inf or (found == 0 and param.name != "decay"):
        raise click.BadParameter(f"{value!r} is not a duration such as 90s, 20m or 2h")
    return found


def printable(path: Path | str) -> str:
    """A file's name on one line and in one column, whatever characters it has."""
    name = click.format_filename(path)
    return name if name.isprintable() else ascii(name)[1:-1]


def keep_apart(read: Iterable[Path | None], written: dict[str, Path | None]) -> None:
    """Raise UsageError for an option whose file is one that is read, or is written by another option too."""
    known = {os.path.realpath(path): "one of those that are read" for path in read if path is not None}
    for name, path in written.items():
        if path is None:
            continue
        place = os.path.realpath(path)
        if place in known:
            raise click.UsageError(f"{name} {printable(path)} would replace a file: it is {known[place]}")
        known[place] = f"that of {name} too"


def tell_passed_over(paths: Iterable[Path]) -> None:
    """Name what lay in a folder and was not read."""
    names = [printable(path) for path in paths]
    if names:
        more = f", and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
        click.echo(f"not read: {len(names):,} ({', '.join(names[:SHOWN])}{more})", err=True)


def tell_uncalibrated(engine: object) -> None:
    """Warn, once a command, of an engine whose confidences are not how often such readings are right."""
    from unimumer.engines.base import is_calibrated

    if not is_calibrated(engine):
        from unimumer.recognizer.recognition import UNCALIBRATED

        click.echo(f"warning: {UNCALIBRATED}", err=True)


@contextmanager
def naming_left_out() -> Iterator[list[str]]:
    """Give a list for the reasons why things were left out, and name them at the end, also at that of a failure."""
    reasons: list[str] = []
    try:
        yield reasons
    finally:
        for reason in reasons:
            click.echo(f"left out: {reason}", err=True)


@contextmanager
def resumable() -> Iterator[None]:
    """Say, when the user stops a command, that nothing is lost; the exit code is that of an interrupt."""
    try:
        yield
    except KeyboardInterrupt:
        click.echo("\nstopped: the same command goes on from here", err=True)
        raise SystemExit(130) from None
