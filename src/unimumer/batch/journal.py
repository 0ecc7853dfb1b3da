"""The journal of a run: every finished picture at once on disk, so that a killed run can go on."""

from __future__ import annotations

import json
import os
from array import array
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType

from unimumer.batch.errors import BatchError
from unimumer.batch.lock import lock
from unimumer.engines.base import Finish

_FORMAT = 1
_START = b'{"journal": '
_OPEN, _DONE, _CUT, _FAILED = range(4)


@dataclass(frozen=True, slots=True)
class Settings:
    """All that an answer depends on beside its picture; a run goes on only under the same."""

    unimumer: str
    """Version of this package."""
    model: str
    max_tokens: int
    beams: int
    batch_size: int
    """Pictures in one call: it can change the last digits of probabilities, and so an answer."""
    prompts_sha256: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one record: an answer, or the reason why there is none."""

    index: int
    img_id: str
    text: str = ""
    confidence: float | None = None
    """Probability of the whole text, 0 to 1."""
    finish: Finish | None = None
    reason: str | None = None
    """Why it failed; None when it is done."""

    def to_json(self) -> str:
        """One line, without its end, in ASCII."""
        head = {"index": self.index, "img_id": self.img_id}
        if self.reason is not None:
            return json.dumps({**head, "status": "failed", "reason": self.reason})
        answer = {"text": self.text, "confidence": self.confidence, "finish": self.finish}
        return json.dumps({**head, "status": "done", **answer})


class Journal:
    """A file of JSON lines: the settings first, then one line a finished record, in the order they finished.

    A later line of the same index replaces the earlier one: that is how a failed record is mended. It keeps
    nine bytes a record in memory. Open it with `with`; it is locked against other processes meanwhile.
    """

    def __init__(self, path: Path, settings: Settings, count: int, *, force: bool = False) -> None:
        """Open or begin the journal of a run over `count` records; `force` throws away what it holds.

        A last line cut short by a kill is dropped. Raises BatchError when another process has the journal
        open, when it was made under other settings, or when it is damaged.
        """
        self._path = path
        self._offsets = array("q", [-1]) * count
        self._states = bytearray(count)
        try:
            self._file = path.open("ab", buffering=0)
        except OSError as error:
            raise BatchError(f"{path}: cannot be written: {error.strerror}") from error
        try:
            lock(self._file, path)
            if force:
                self._file.truncate(0)
            self._end = self._read(settings)
            self._file.truncate(self._end)
            if not self._end:
                self._write(json.dumps({"journal": _FORMAT, **asdict(settings)}))
            self._lines = path.open("rb")
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Journal:
        """Give the journal itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file, which unlocks it."""
        self._lines.close()
        self._file.close()

    @property
    def done(self) -> int:
        """Number of records with an answer."""
        return len(self._states) - self._states.count(_OPEN) - self._states.count(_FAILED)

    @property
    def cut(self) -> int:
        """Number of answers that were cut off, at the limit of tokens or in a loop."""
        return self._states.count(_CUT)

    def has_answer(self, index: int) -> bool:
        """Say whether a record is done."""
        return self._states[index] in (_DONE, _CUT)

    def failed(self) -> list[int]:
        """Indices of the records that failed."""
        return [index for index, state in enumerate(self._states) if state == _FAILED]

    def outcome(self, index: int) -> Outcome | None:
        """Read what became of a record; None when it is not finished."""
        if self._offsets[index] < 0:
            return None
        self._lines.seek(self._offsets[index])
        return _outcome(self._lines.readline(), len(self._states))

    def add(self, outcome: Outcome) -> None:
        """Write down a finished record."""
        self._note(outcome, self._end)
        self._write(outcome.to_json())

    def sync(self) -> None:
        """Make sure that what was written survives a power cut."""
        try:
            os.fsync(self._file.fileno())
        except OSError as error:
            raise BatchError(f"{self._path}: cannot be written: {error.strerror}") from error

    def _note(self, outcome: Outcome, offset: int) -> None:
        state = _CUT if outcome.finish in ("length", "repetition") else _DONE
        self._states[outcome.index] = state if outcome.reason is None else _FAILED
        self._offsets[outcome.index] = offset

    def _write(self, text: str) -> None:
        rest = text.encode() + b"\n"
        try:
            while rest:
                written = self._file.write(rest)
                self._end += written
                rest = rest[written:]
        except OSError as error:
            raise BatchError(f"{self._path}: cannot be written: {error.strerror}") from error

    def _read(self, settings: Settings) -> int:
        """Take in what the journal holds; give the number of sound bytes, 0 when it has to be begun."""
        with self._path.open("rb") as lines:
            header = lines.readline()
            if not header.endswith(b"\n") and _START.startswith(header[: len(_START)]):
                return 0
            self._check(header, settings)
            end = len(header)
            for number, line in enumerate(lines, start=2):
                if not line.endswith(b"\n"):
                    break
                try:
                    self._note(_outcome(line, len(self._states)), end)
                except (ValueError, KeyError, TypeError) as error:
                    raise BatchError(
                        f"{self._path}: line {number} is damaged; --force begins the run afresh"
                    ) from error
                end += len(line)
        return end

    def _check(self, header: bytes, settings: Settings) -> None:
        try:
            found = json.loads(header)
            known = isinstance(found, dict) and found.pop("journal", None) == _FORMAT
        except ValueError:
            known = False
        if not known:
            raise BatchError(f"{self._path}: not a journal of this version; --force begins the run afresh")
        changes = [
            f"{name} {found.get(name)!r} there, {value!r} now"
            for name, value in asdict(settings).items()
            if found.get(name) != value
        ]
        if changes:
            raise BatchError(
                f"{self._path}: begun under other settings ({'; '.join(changes)}); use the same to go on, "
                "another output folder, or --force to begin afresh"
            )


def _outcome(line: bytes, count: int) -> Outcome:
    """Read a line; raises ValueError, KeyError or TypeError for one no journal of `count` records holds."""
    content = json.loads(line)
    index, img_id = content["index"], content["img_id"]
    if not 0 <= index < count:
        raise ValueError(index)
    if content["status"] == "failed":
        return Outcome(index, img_id, reason=str(content["reason"]))
    return Outcome(index, img_id, content["text"], content["confidence"], content["finish"])
