"""python-zeroconf as a peer.

usage: zeroconf_peer.py HOST ADDRESS…
"""

import ipaddress
import os
import sys
import threading

from zeroconf import IPVersion, ServiceBrowser, ServiceInfo, Zeroconf

import lines

host, *addresses = sys.argv[1:]
packed = [ipaddress.ip_address(address).packed for address in addresses]
zeroconf = Zeroconf(ip_version=IPVersion.All)
published = {}


def to_info(command, name):
    kind = f"{command['type']}.local."
    return ServiceInfo(
        kind,
        f"{name}.{kind}",
        addresses=packed,
        port=command["port"],
        properties={key: lines.encode(value) for key, value in command["txt"].items()},
        server=f"{host}.local.",
        host_ttl=command.get("ttl", 120),
        other_ttl=command.get("ttl", 4500),
    )


def publish(command):
    asked = command["name"]
    info = to_info(command, asked)
    # it has no callback for a conflict: by itself it renames to "NAME-2", and only while it registers
    zeroconf.register_service(info, allow_name_change=True)
    name = info.name[: -len(info.type) - 1]
    published[asked] = (command, name)
    if name != asked:
        lines.tell("renamed", asked=asked, previous=asked, name=name)
    lines.tell("published", asked=asked, name=name)


def update(command):
    before, name = published[command["name"]]
    after = {**before, **command}
    published[command["name"]] = (after, name)
    zeroconf.update_service(to_info(after, name))


def withdraw(command):
    zeroconf.unregister_service(to_info(*published.pop(command["name"])))


class Listener:
    def __init__(self):
        self.turn = threading.Lock()
        self.latest = {}

    def add_service(self, _, kind, name):
        # the browser has one thread: a service that is gone by now must not make it wait for an answer
        event = self.latest[name] = object()
        info = ServiceInfo(kind, name)
        if info.load_from_cache(zeroconf):
            self.resolved(kind, name, event, info)
        else:
            threading.Thread(target=self.resolve, args=[kind, name, event, info], daemon=True).start()

    update_service = add_service

    def resolve(self, kind, name, event, info):
        if info.request(zeroconf, 3000):
            self.resolved(kind, name, event, info)

    def resolved(self, kind, name, event, info):
        with self.turn:
            if self.latest.get(name) is not event:
                return
            lines.tell(
                "seen",
                name=name[: -len(kind) - 1],
                host=info.server.rstrip("."),
                port=info.port,
                addresses=info.parsed_addresses(),
                txt={lines.decode(key): lines.decode(value) for key, value in info.properties.items()},
            )

    def remove_service(self, _, kind, name):
        with self.turn:
            self.latest.pop(name, None)
            lines.tell("gone", name=name[: -len(kind) - 1])


def browse(command):
    ServiceBrowser(zeroconf, f"{command['type']}.local.", Listener())


def begin_to_publish(command):
    # each takes a second of probing
    threading.Thread(target=publish, args=[command], daemon=True).start()


doings = {"publish": begin_to_publish, "update": update, "withdraw": withdraw, "browse": browse}

lines.tell("ready")
for command in lines.commands():
    if command["do"] == "exit":
        break
    doings[command["do"]](command)
zeroconf.unregister_all_services()
zeroconf.close()
sys.stdout.flush()
# its threads may be in the middle of a question
os._exit(0)
