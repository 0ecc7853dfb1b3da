"""Lets `python -m unimumer` do what the command `unimumer` does."""

from unimumer.cli.main import main

if __name__ == "__main__":
    main()
