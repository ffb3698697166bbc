"""The sub-commands of `python -m entra`, one module each: `add_arguments(parser)` and `run(arguments) -> int`."""
