"""Imports a module and tells what that took: `python deployed.py MODULE…`, in a folder of modules.

Prints a line of JSON: the seconds of the first module, and the files of everything that is loaded then.
"""

import importlib
import json
import sys
import time

sys.path[0] = ""  # the folder that it runs in, not that of this file
first, *others = sys.argv[1:]
began = time.perf_counter()
importlib.import_module(first)
seconds = time.perf_counter() - began
for name in others:
    importlib.import_module(name)
files = {getattr(module, "__file__", None) for name, module in sys.modules.items() if name != "__main__"}
print(json.dumps({"seconds": seconds, "files": sorted(filter(None, files))}))  # noqa: T201
