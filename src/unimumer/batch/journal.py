"""The journal of a run: every finished picture at once on disk, for a killed run to go on and for many to share."""

from __future__ import annotations

import json
import os
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from unimumer.batch.claims import BatchError, Claims
from unimumer.engines.base import Decoding
from unimumer.files import FileError
from unimumer.results import FORMAT, Result, check_header

_START = b'{"journal": '
_PROMPTS = "other prompts, or other pictures in the folder"
_OPEN, _ANSWERED, _FAILED, _FAILED_NOW = range(4)
"""`_FAILED` was so when the journal was opened, and is tried again; `_FAILED_NOW` has been tried since."""


@dataclass(frozen=True, slots=True)
class RunSettings:
    """All that an answer depends on beside its picture and its chunk; a run goes on only under the same."""

    unimumer: str
    """Version of this package."""
    model: str
    decoding: Decoding
    batch_size: int
    """Items of a chunk. What shares a call can change the last digits of probabilities, and so an answer."""
    memory: int
    """Bound on decoded pictures, bytes: it can part a chunk into several calls."""
    prompts_sha256: str
    image_root: Path
    """Folder that the paths of pictures start from."""

    def record(self) -> dict[str, object]:
        """Flat, as the first line of the journal has it."""
        fields = asdict(self)
        return {**fields.pop("decoding"), **fields, "image_root": str(self.image_root.resolve())}


class Journal(AbstractContextManager["Journal"]):
    """A file of JSON lines: the settings first, then one line a finished item, in the order they finished.

    A later line of the same index replaces the earlier one: that is how a failed item is mended. It keeps
    nine bytes an item in memory. Open it with `with`. Several processes may have it open; `claims` parts the
    work among them.
    """

    def __init__(
        self, path: Path, settings: RunSettings, count: int, *, force: bool = False, results: Sequence[Path] = ()
    ) -> None:
        """Open or begin the journal of a run over `count` items; `force` throws away what it holds.

        `results` are files made from the journal: they are removed before a line is added that makes them old.
        A last line cut short by a kill is dropped, and a damaged one passed over: its item is asked again. Raises
        BatchError when it was made under other settings or by another version, when there are results but no journal
        that they could come from, and when `force` is asked for while another process is at work on it.
        """
        self._path, self._results = path, results
        self._offsets = array("q", [-1]) * count
        self._states = bytearray(count)
        self._end = 0
        with ExitStack() as opened:
            self.claims = Claims(path.with_suffix(".lock"))
            opened.callback(self.claims.close)
            if force and not self.claims.alone():
                raise BatchError(f"{path}: another process is at work on it; only the first may be given --force")
            self.claims.enter()
            with _named(path), self.claims.writing():
                self._file = opened.enter_context(path.open("ab", buffering=0))
                if force:
                    self._remove_results()
                    self._file.truncate(0)
                self._lines = path.open("rb")
                opened.callback(lambda: self._lines.close())
                self._begin(settings)
                self._take_in(_FAILED)
            self._opened = opened.pop_all()

    def __exit__(self, *_: object) -> None:
        """Close the files, which gives up every claim."""
        self._opened.close()

    @property
    def answered(self) -> int:
        """Number of items with an answer, cut off or not."""
        return self._states.count(_ANSWERED)

    @property
    def settled(self) -> int:
        """Number of items with nothing left to do: answered, or failed since the journal was opened."""
        return self.answered + self._states.count(_FAILED_NOW)

    def first_unsettled(self, start: int = 0, end: int | None = None) -> int | None:
        """Index of the first item from `start` to before `end` with something left to do; None when there is none."""
        places = (self._states.find(state, start, end) for state in (_OPEN, _FAILED))
        return min((place for place in places if place >= 0), default=None)

    def has_answer(self, index: int) -> bool:
        """Say whether an item has an answer."""
        return self._states[index] == _ANSWERED

    def failed(self) -> list[int]:
        """Indices of the items that failed."""
        return [index for index, state in enumerate(self._states) if state in (_FAILED, _FAILED_NOW)]

    def reopen(self, index: int) -> None:
        """Have an item asked again that has an answer."""
        self._states[index] = _FAILED

    def result(self, index: int) -> Result | None:
        """Read what became of an item; None when it is not finished."""
        if self._offsets[index] < 0:
            return None
        self._lines.seek(self._offsets[index])
        return Result.from_json(self._lines.readline())

    def add(self, results: Iterable[Result]) -> None:
        """Write down what became of some items; it survives a power cut when this returns."""
        with _named(self._path), self.claims.writing():
            self._take_in(_FAILED_NOW)
            for result in results:
                place = self._offsets[result.index]
                # A picture that fails as it failed before needs no second line.
                if self.result(result.index) != result:
                    self._remove_results()
                    place = self._write(result.to_json())
                self._note(result, place, _FAILED_NOW)
            os.fsync(self._file.fileno())

    def catch_up(self) -> None:
        """Take in what other processes have written."""
        with _named(self._path), self.claims.writing():
            self._take_in(_FAILED_NOW)

    def _begin(self, settings: RunSettings) -> None:
        """Check the first line, or write it where there is none or only a piece of it."""
        header = self._lines.readline()
        if header.endswith(b"\n") or not _START.startswith(header[: len(_START)]):
            try:
                there = check_header(header, self._path)
            except FileError as error:
                raise BatchError(f"{error}; --force begins the run afresh") from None
            changes = [
                _PROMPTS if name == "prompts_sha256" else f"{name} {there.get(name)!r} there, {value!r} now"
                for name, value in settings.record().items()
                if there.get(name) != value
            ]
            if changes:
                raise BatchError(
                    f"{self._path}: begun under other settings ({'; '.join(changes)}); use the same to go on, "
                    "another output folder, or --force to begin afresh"
                )
            self._end = len(header)
        else:
            found = [path for path in self._results if path.exists()]
            if found:
                raise BatchError(
                    f"{found[0]} is there without the journal it was made from; use another output folder, or --force "
                    "to overwrite it"
                )
            # What lies there is of another run, and must not look like this one's.
            self._remove_results()
            self._file.truncate(0)
            self._write(json.dumps({"journal": FORMAT, **settings.record()}))

    def _remove_results(self) -> None:
        for path in self._results:
            path.unlink(missing_ok=True)

    def _write(self, text: str) -> int:
        """Append a line; give the place where it begins."""
        place, rest = self._end, text.encode() + b"\n"
        while rest:
            written = self._file.write(rest)
            self._end += written
            rest = rest[written:]
        return place

    def _note(self, result: Result, place: int, failed: int) -> None:
        self._states[result.index] = _ANSWERED if result.reason is None else failed
        self._offsets[result.index] = place

    def _take_in(self, failed: int) -> None:
        """Read the lines written by others since the last time; the piece of one that a kill left is cut off."""
        if os.fstat(self._file.fileno()).st_size == self._end:
            return
        # Opened anew: the old one's buffer may hold half of a line that is whole by now.
        self._lines.close()
        self._lines = self._path.open("rb")
        self._lines.seek(self._end)
        for line in self._lines:
            if not line.endswith(b"\n"):
                self._file.truncate(self._end)
                break
            # Of a line that is no result, the item stays as it was before.
            with suppress(ValueError):
                result = Result.from_json(line)
                if 0 <= result.index < len(self._states):
                    self._note(result, self._end, failed)
            self._end += len(line)


@contextmanager
def _named(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BatchError(f"{path}: cannot be written: {error.strerror}") from error
