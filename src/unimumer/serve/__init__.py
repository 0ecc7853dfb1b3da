"""The recognizer over HTTP: one process, and the page where it has been built."""

from unimumer.serve.app import create_app
from unimumer.serve.run import listen, server
from unimumer.serve.settings import ServeError, ServeSettings

__all__ = ["ServeError", "ServeSettings", "create_app", "listen", "server"]
