"""The released system's way to run inference: its options and result files, the code of `unimumer infer`.

python scripts/vllm_infer.py --input-dir data/CROHME/prompts --output-dir results --model nano --batch_size 16
"""

import sys

try:
    from unimumer.cli.main import main
except ModuleNotFoundError as error:
    sys.exit(f"vllm_infer.py: {error}; install this project first: python -m pip install .")

RELEASED = ("--input-dir", "data", "--output-dir", "outputs", "--batch-size", "32768", "--as-released")
"""What counts where the command says nothing else; memory bounds a call too (`unimumer infer --memory`)."""

if __name__ == "__main__":
    # The released script spells this one option with an underscore.
    old = "--batch_size"
    options = [
        f"--batch-size{one.removeprefix(old)}" if one == old or one.startswith(f"{old}=") else one
        for one in sys.argv[1:]
    ]
    # The last one given counts.
    sys.argv[1:] = ["infer", *RELEASED, *options]
    main()
