"""Child: python-zeroconf on a host."""

import asyncio
import os

import zeroconf

import channel

KIND = "_perf._tcp.local."

finds = channel.Finds()
running = None
own = None
published = 0


class Listener:
    def add_service(self, zc, kind, name):
        if zc.get_service_info(kind, name) is not None:
            finds.add(name)

    def update_service(self, zc, kind, name):
        pass

    def remove_service(self, zc, kind, name):
        finds.names.discard(name)


def open_on(host):
    global running, own
    own = host["address"]
    running = zeroconf.Zeroconf(interfaces=[own], ip_version=zeroconf.IPVersion.V4Only)
    return os.getpid()


def browse():
    at = channel.now()
    zeroconf.ServiceBrowser(running, KIND, Listener())
    return at


def info_of(index):
    return zeroconf.ServiceInfo(
        KIND,
        f"Zeroconf {index}.{KIND}",
        parsed_addresses=[own],
        port=8000,
        properties={"id": f"Zeroconf {index}"},
        server="bench.local.",
    )


def publish(count):
    global published
    first, published = published, published + count
    at = channel.now()
    for index in range(first, published):
        asyncio.run_coroutine_threadsafe(running.async_register_service(info_of(index)), running.loop)
    return at


channel.serve({
    "open": open_on,
    "browse": browse,
    "known": finds.known,
    "lastFoundAt": finds.last_found_at,
    "held": lambda: channel.resident(os.getpid()),
    "publish": publish,
})
