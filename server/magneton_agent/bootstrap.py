"""Starts the agent in the user's interpreter: ``python -c CODE DESCRIPTOR PARENT FOLDER ...``.

With ``libraries``, a list of names, it imports them and forks an agent whenever it is asked to.

One of several ranks is given a folder in the place of the descriptor: what starts ranks passes no
descriptor on, so the agent connects to the socket in that folder.

The code of this file is handed to ``-c``. The package is loaded from its folder by name, without
putting anything on ``sys.path``: a folder there could shadow the user's own modules.
"""

import sys

if __name__ == "__main__" and sys.path[:1] == [""]:
    del sys.path[0]  # the program's folder: a json.py there is not the one meant below

import importlib.util
import json
import os
import socket

_OLDEST = (3, 11)


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
    if sys.version_info < _OLDEST:
        fact = sys.executable + " is Python " + ".".join(map(str, sys.version_info[:2]))
        _refuse(descriptor, fact, "Magneton needs 3.11 or newer")
        return
    _package(folder)
    try:
        import torch  # noqa: F401
    except (ImportError, OSError) as error:  # OSError: one of its libraries is missing
        _refuse(descriptor, sys.executable + " has no usable torch", str(error))
        return
    from magneton_agent.relocating import relocate
    from magneton_agent.serve import Setup, main

    if (libraries := setup.pop("libraries", "")) != "":
        from magneton_agent.fork_server import serve_forks

        descriptor = serve_forks(descriptor, json.loads(libraries))
    if setup.get("repository"):
        relocate(setup["repository"], setup["checkout"])
    main(descriptor, parent, Setup(**setup))


def _descriptor(channel: str) -> int:
    """The descriptor that was passed on, or one connected to the socket in a private folder."""
    if channel.isdigit():
        return int(channel)
    with open(os.path.join(channel, "token"), encoding="utf-8") as file:
        hello = {"token": file.read(), "rank": int(os.environ["RANK"])}
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.connect(os.path.join(channel, "socket"))
    connection.sendall((json.dumps(hello) + "\n").encode())
    return connection.detach()


def _refuse(descriptor: int, fact: str, cause: str) -> None:
    failure = {
        "kind": "target",
        "fact": fact,
        "cause": cause,
        "remedy": "choose the interpreter that runs the program (--python), or install torch there",
        "frames": [],
    }
    os.write(descriptor, (json.dumps({"type": "Failure", "body": failure}) + "\n").encode())


if __name__ == "__main__":
    _start(_descriptor(sys.argv[1]), int(sys.argv[2]), sys.argv[3], json.loads(sys.argv[4]))
