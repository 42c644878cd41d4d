"""Starts the agent in the user's interpreter: ``python -c CODE DESCRIPTOR PARENT FOLDER ...``.

The code of this file is handed to ``-c``. The package is loaded from its folder by name, without
putting anything on ``sys.path``: a folder there could shadow the user's own modules.
"""

import importlib.util
import json
import os
import sys


def _package(folder: str) -> None:
    init = os.path.join(folder, "__init__.py")
    spec = importlib.util.spec_from_file_location(
        "magneton_agent", init, submodule_search_locations=[folder]
    )
    if spec is None or spec.loader is None:
        raise ImportError(init)
    module = importlib.util.module_from_spec(spec)
    sys.modules["magneton_agent"] = module
    spec.loader.exec_module(module)


def _start(descriptor: int, parent: int, folder: str, setup: "dict[str, str]") -> None:
    _package(folder)
    try:
        import torch  # noqa: F401
    except ImportError as error:
        failure = {
            "kind": "target",
            "fact": sys.executable + " has no usable torch",
            "cause": str(error),
            "remedy": "choose the interpreter that runs the program (--python), or install torch",
            "frames": [],
        }
        reply = json.dumps({"type": "Failure", "body": failure}) + "\n"
        os.write(descriptor, reply.encode())
        return
    from magneton_agent.serve import Setup, main

    main(descriptor, parent, Setup(**setup))


if __name__ == "__main__":
    if sys.path and sys.path[0] == "":
        del sys.path[0]
    _start(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], json.loads(sys.argv[4]))
