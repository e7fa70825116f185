"""The channel between parent and child that Node gives to what it forks: JSON, a line each. As `serve` of `Child.ts`."""

import json
import os
import socket
import threading
import time

# seconds: as `longest` of `Child.ts`
LONGEST = 120


def now():
    """Milliseconds of the clock that all processes of a machine share."""
    return time.monotonic_ns() / 1e6


def resident(pid):
    """Octets of memory that a process has."""
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmRSS:"))


def serve(api):
    watchdog = threading.Timer(LONGEST, os._exit, [1])
    watchdog.daemon = True
    watchdog.start()
    with socket.socket(fileno=int(os.environ["NODE_CHANNEL_FD"])) as channel, channel.makefile("rb") as lines:
        for line in lines:
            question = json.loads(line)
            arguments = [question["argument"]] if "argument" in question else []
            try:
                answer = {"value": api[question["call"]](*arguments)}
            except Exception as error:
                answer = {"error": f"{type(error).__name__}: {error}"}
            channel.sendall(json.dumps({"id": question["id"], **answer}).encode() + b"\n")
    os._exit(0)


class Finds:
    """The services that are found, and when the latest was."""

    def __init__(self):
        self.names = set()
        self.last_at = 0

    def add(self, name):
        if name not in self.names:
            self.names.add(name)
            self.last_at = now()

    def known(self):
        return len(self.names)

    def last_found_at(self):
        return self.last_at
