"""Tree or count records from plain ones: the released system's script, over `unimumer.tasks`.

python preprocess/make_unimumer_tree_data.py --task tree --input data/CROHME/prompts --suffix _tree

Every ShareGPT file of `--input` gives one beside it, or in `--output`, named with the prefix and the suffix. A record
whose label has no tree fails alone: it goes to invalid_record.json with its reason, unless `--strict` ends the run.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

try:
    from unimumer.data.sharegpt import IMAGE, messages, turns
    from unimumer.errors import UnimumerError
    from unimumer.files import FileError, read_objects, write_json
    from unimumer.tasks import count, tree
except ModuleNotFoundError as error:
    sys.exit(f"make_unimumer_tree_data.py: {error}; install this project first: python -m pip install .")

INVALID = "invalid_record.json"
TASKS = {"tree": (tree, "_tree"), "can": (count, "_can")}


def main(arguments: list[str] | None = None) -> None:
    """Convert every file that the options name; exit status 1 when one could not be."""
    options = _parser().parse_args(arguments)
    try:
        sources = list(_sources(options))
        if not sources:
            raise FileError(f"{options.input}: no .json file that the options let pass")
        failed = [error for source in sources if (error := _tried(source, options))]
    except UnimumerError as error:
        failed = [error]
    if failed:
        sys.exit("\n".join(f"make_unimumer_tree_data.py: {error}" for error in failed))


def _tried(source: Path, options: argparse.Namespace) -> UnimumerError | None:
    """Convert a file; what is wrong with it costs no other, unless the options say so."""
    try:
        _convert(source, _target(source, options), options)
    except UnimumerError as error:
        if options.strict:
            raise
        return error
    return None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Tree or count records from a ShareGPT file of plain records.")
    parser.add_argument("--task", choices=TASKS, required=True, help="tree: Tree-CoT; can: symbol counting")
    parser.add_argument("--input", type=Path, required=True, help="a .json file, or a folder of them")
    parser.add_argument("--output", type=Path, help="the file to write, or a folder; default: beside the input")
    parser.add_argument("--prefix", default="", help="of the names of the files written")
    parser.add_argument("--suffix", help="of their stems; default: _tree or _can")
    parser.add_argument("--include-substring", action="append", default=[], help="only files with it in their name")
    parser.add_argument("--exclude-substring", action="append", default=[], help="no files with it in their name")
    parser.add_argument("--strict", action="store_true", help="end at the first record that fails")
    parser.add_argument("--indent", type=int, default=4, help="of the JSON written (4)")
    return parser


def _sources(options: argparse.Namespace) -> Iterator[Path]:
    if not options.input.is_dir():
        yield options.input
        return
    made = _suffix(options)
    for path in sorted(options.input.glob("*.json")):
        wanted = not options.include_substring or any(part in path.name for part in options.include_substring)
        dropped = any(part in path.name for part in options.exclude_substring) or path.name.endswith(INVALID)
        if wanted and not dropped and not (made and path.stem.endswith(made)):
            yield path


def _suffix(options: argparse.Namespace) -> str:
    return TASKS[options.task][1] if options.suffix is None else str(options.suffix)


def _target(source: Path, options: argparse.Namespace) -> Path:
    output = options.output
    if output is not None and output.suffix == ".json" and not options.input.is_dir():
        target = Path(output)
    else:
        target = (output or source.parent) / f"{options.prefix}{source.stem}{_suffix(options)}.json"
    if target.resolve() == source.resolve():
        raise FileError(f"{source}: would be written over; give --output, --prefix or --suffix")
    return target


def _convert(source: Path, target: Path, options: argparse.Namespace) -> None:
    task = TASKS[options.task][0]
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"{target.parent}: cannot be made: {error.strerror}") from None
    made: list[object] = []
    invalid: list[object] = []
    for place, record in read_objects(source):
        try:
            image, _, label = turns(record, place)
            answer = task.target(label.strip())
        except UnimumerError as error:
            if options.strict:
                raise error if isinstance(error, FileError) else place.error(str(error)) from None
            invalid.append({"index": len(made) + len(invalid), "record": record, "reason": str(error)})
            continue
        made.append({"images": [image], "messages": messages(IMAGE + task.prompt(), answer)})
    write_json(target, made, indent=options.indent)
    if invalid:
        write_json(target.with_name(f"{target.stem}_{INVALID}"), invalid, indent=options.indent)
    print(f"{target}: {len(made)} records, {len(invalid)} invalid")


if __name__ == "__main__":
    main()
