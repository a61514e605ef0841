"""A server of the program's for the scripts beside this, on a free port of this machine, ended with them."""

import os
import pathlib
import resource
import signal
import socket
import subprocess


class Served:
    """`sonoform serve` while the context is open; leaving it throws where the server did not end in order."""

    def __init__(self, binary: str, *options: str) -> None:
        """A server of `binary` with further options."""
        self.command = [binary, "serve", "--port", "0", *options]

    def __enter__(self) -> "Served":
        """Starts it, and waits until it listens."""
        # As the service's unit has it.
        environment = os.environ | {"MALLOC_ARENA_MAX": "2"}
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True, env=environment)
        line = self.process.stdout.readline()
        if not line.startswith("listening on "):
            raise SystemExit(f"{' '.join(self.command)} does not listen")
        self.url = line.removeprefix("listening on ").strip().rstrip("/")
        self.port = int(self.url.rsplit(":", 1)[1])
        return self

    def __exit__(self, *_: object) -> None:
        """Tells it to stop; everything in hand is finished by then."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=150)
        if code:
            raise SystemExit(f"the server ended with {code}")

    def resident(self) -> int:
        """How many bytes of memory it holds."""
        statm = pathlib.Path(f"/proc/{self.process.pid}/statm").read_text()
        return int(statm.split()[1]) * resource.getpagesize()

    def connect(self, patience: float = 30) -> socket.socket:
        """A connection to it, on which nothing is waited for longer."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=patience)
