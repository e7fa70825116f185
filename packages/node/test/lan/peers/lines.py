"""JSON lines to and from the test that started a peer. Octets of TXT values are characters, one each."""

import json
import os
import sys
import threading


turn = threading.Lock()


def tell(what, **more):
    with turn:
        sys.stdout.write(json.dumps({"tell": what, **more}) + "\n")
        sys.stdout.flush()


def commands():
    for line in sys.stdin:
        yield json.loads(line)


class Reader:
    """Commands as they come, for a loop of one's own."""

    def __init__(self):
        self.rest = b""
        os.set_blocking(0, False)

    def read(self):
        try:
            octets = os.read(0, 65536)
        except BlockingIOError:
            return []
        if octets == b"":
            return [{"do": "exit"}]
        *lines, self.rest = (self.rest + octets).split(b"\n")
        return [json.loads(line) for line in lines]


def encode(text):
    """The value of a TXT key as octets; `None` for a key without one."""
    return None if text is None else text.encode("latin-1")


def decode(octets):
    return None if octets is None else bytes(octets).decode("latin-1")
