"""Avahi as a peer: a daemon of its own on a bus of its own, both of which end with this program.

usage: avahi_peer.py HOST, with a /run of its own
"""

import atexit
import ctypes
import os
import signal
import subprocess
import sys
import time
from ctypes import CFUNCTYPE, byref, c_char_p, c_int, c_size_t, c_uint, c_uint16, c_void_p

import lines

BUS = """<busconfig>
  <listen>unix:path=/run/bus</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/><allow own="*"/><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
  </policy>
</busconfig>"""

DAEMON = """[server]
host-name={host}
allow-interfaces=eth0
[publish]
publish-workstation=no
publish-hinfo=no
"""

PR_SET_PDEATHSIG = 1


def write(path, text):
    with open(path, "w") as file:
        file.write(text)


def spawn(*command):
    def die_together():
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=sys.stderr, preexec_fn=die_together)
    atexit.register(child.terminate)
    return child


def wait_for(path):
    for _ in range(1000):
        if os.path.exists(path):
            return
        time.sleep(0.01)
    sys.exit(f"{path} does not appear")


def start_daemons(host):
    os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = "unix:path=/run/bus"
    write("/run/bus.conf", BUS)
    write("/run/avahi.conf", DAEMON.format(host=host))
    os.makedirs("/run/avahi-daemon", exist_ok=True)
    spawn("dbus-daemon", "--config-file=/run/bus.conf", "--nofork", "--nopidfile")
    wait_for("/run/bus")
    spawn("avahi-daemon", "-f", "/run/avahi.conf", "--no-drop-root", "--no-chroot", "--no-rlimits")
    wait_for("/run/avahi-daemon/socket")


start_daemons(sys.argv[1])

client_library = ctypes.CDLL("libavahi-client.so.3")
common_library = ctypes.CDLL("libavahi-common.so.3")


def function(library, name, result, *arguments):
    found = getattr(library, name)
    found.restype = result
    found.argtypes = arguments
    return found


ClientCallback = CFUNCTYPE(None, c_void_p, c_int, c_void_p)
GroupCallback = CFUNCTYPE(None, c_void_p, c_int, c_void_p)
BrowserCallback = CFUNCTYPE(
    None, c_void_p, c_int, c_int, c_int, c_char_p, c_char_p, c_char_p, c_int, c_void_p
)
ResolverCallback = CFUNCTYPE(
    None, c_void_p, c_int, c_int, c_int, c_char_p, c_char_p, c_char_p, c_char_p, c_void_p, c_uint16, c_void_p, c_int,
    c_void_p,
)

poll_new = function(common_library, "avahi_simple_poll_new", c_void_p)
poll_get = function(common_library, "avahi_simple_poll_get", c_void_p, c_void_p)
poll_iterate = function(common_library, "avahi_simple_poll_iterate", c_int, c_void_p, c_int)
string_list_add = function(
    common_library, "avahi_string_list_add_arbitrary", c_void_p, c_void_p, c_char_p, c_size_t
)
string_list_next = function(common_library, "avahi_string_list_get_next", c_void_p, c_void_p)
string_list_text = function(common_library, "avahi_string_list_get_text", c_void_p, c_void_p)
string_list_size = function(common_library, "avahi_string_list_get_size", c_size_t, c_void_p)
string_list_free = function(common_library, "avahi_string_list_free", None, c_void_p)
address_print = function(common_library, "avahi_address_snprint", c_void_p, c_char_p, c_size_t, c_void_p)
alternative_name = function(common_library, "avahi_alternative_service_name", c_char_p, c_char_p)
error_text = function(common_library, "avahi_strerror", c_char_p, c_int)
client_new = function(
    client_library, "avahi_client_new", c_void_p, c_void_p, c_int, ClientCallback, c_void_p, c_void_p
)
client_host = function(client_library, "avahi_client_get_host_name_fqdn", c_char_p, c_void_p)
client_free = function(client_library, "avahi_client_free", None, c_void_p)
group_new = function(client_library, "avahi_entry_group_new", c_void_p, c_void_p, GroupCallback, c_void_p)
group_add = function(
    client_library, "avahi_entry_group_add_service_strlst", c_int, c_void_p, c_int, c_int, c_int, c_char_p, c_char_p,
    c_char_p, c_char_p, c_uint16, c_void_p,
)
group_update_txt = function(
    client_library, "avahi_entry_group_update_service_txt_strlst", c_int, c_void_p, c_int, c_int, c_int, c_char_p,
    c_char_p, c_char_p, c_void_p,
)
group_commit = function(client_library, "avahi_entry_group_commit", c_int, c_void_p)
group_reset = function(client_library, "avahi_entry_group_reset", c_int, c_void_p)
group_free = function(client_library, "avahi_entry_group_free", c_int, c_void_p)
browser_new = function(
    client_library, "avahi_service_browser_new", c_void_p, c_void_p, c_int, c_int, c_char_p, c_char_p, c_int,
    BrowserCallback, c_void_p,
)
resolver_new = function(
    client_library, "avahi_service_resolver_new", c_void_p, c_void_p, c_int, c_int, c_char_p, c_char_p, c_char_p,
    c_int, c_int, ResolverCallback, c_void_p,
)
resolver_free = function(client_library, "avahi_service_resolver_free", c_int, c_void_p)

UNSPECIFIED = -1
OUR_OWN = 16
CLIENT_NO_FAIL = 2
CLIENT_RUNNING = 2
GROUP_ESTABLISHED, GROUP_COLLISION = 2, 3
BROWSER_NEW, BROWSER_REMOVE = 0, 1
RESOLVER_FOUND = 0


def check(result):
    if result < 0:
        sys.exit(error_text(result).decode())
    return result


def to_string_list(txt):
    made = None
    # each is put before those that are there
    for key, value in reversed(txt.items()):
        octets = lines.encode(key if value is None else f"{key}={value}")
        made = string_list_add(made, octets, len(octets))
    return made


def from_string_list(item):
    txt = {}
    while item:
        text = ctypes.string_at(string_list_text(item), string_list_size(item)).decode("latin-1")
        key, equals, value = text.partition("=")
        txt[key] = value if equals else None
        item = string_list_next(item)
    return txt


class Service:
    """A group of entries for one service, which is renamed as Avahi's own example does when its name is taken."""

    def __init__(self, command):
        self.asked = self.name = command["name"]
        self.command = command
        self.on_state = GroupCallback(self.state_changed)
        self.group = group_new(client, self.on_state, None)
        self.add()

    def add(self):
        kind, port = self.command["type"].encode(), self.command["port"]
        texts = to_string_list(self.command["txt"])
        name = self.name.encode()
        check(group_add(self.group, UNSPECIFIED, UNSPECIFIED, 0, name, kind, None, None, port, texts))
        string_list_free(texts)
        check(group_commit(self.group))

    def state_changed(self, group, state, _):
        if state == GROUP_ESTABLISHED:
            lines.tell("published", asked=self.asked, name=self.name)
        if state == GROUP_COLLISION:
            previous, self.name = self.name, alternative_name(self.name.encode()).decode()
            lines.tell("renamed", asked=self.asked, previous=previous, name=self.name)
            self.group = group
            group_reset(group)
            self.add()

    def update(self, command):
        before, self.command = self.command, {**self.command, **command, "name": self.name}
        if self.command["port"] == before["port"]:
            kind, texts = self.command["type"].encode(), to_string_list(self.command["txt"])
            name = self.name.encode()
            check(group_update_txt(self.group, UNSPECIFIED, UNSPECIFIED, 0, name, kind, None, texts))
            string_list_free(texts)
        else:
            # a port cannot change in place: this says goodbye, and probes again
            group_reset(self.group)
            self.add()


class Browser:
    """What is on the network of one type. Avahi tells by interface and address family; a name is gone with the last of them."""

    def __init__(self, kind):
        self.kind = kind.encode()
        self.resolvers = {}
        self.found = {}
        self.on_event = BrowserCallback(self.changed)
        self.on_resolved = ResolverCallback(self.resolved)
        browser_new(client, UNSPECIFIED, UNSPECIFIED, self.kind, None, 0, self.on_event, None)

    def changed(self, _, interface, protocol, event, name, kind, domain, flags, __):
        key = (name, interface, protocol)
        if event == BROWSER_NEW and not flags & OUR_OWN and key not in self.resolvers:
            self.resolvers[key] = resolver_new(
                client, interface, protocol, name, kind, domain, UNSPECIFIED, 0, self.on_resolved, None
            )
        if event == BROWSER_REMOVE and key in self.resolvers:
            resolver_free(self.resolvers.pop(key))
            self.found.pop(key, None)
            if not any(other == name for other, *_ in self.resolvers):
                lines.tell("gone", name=name.decode())

    def resolved(self, _, interface, protocol, event, name, kind, domain, host, address, port, texts, flags, __):
        key = (name, interface, protocol)
        if event != RESOLVER_FOUND or key not in self.resolvers:
            return
        text = ctypes.create_string_buffer(64)
        address_print(text, 64, address)
        self.found[key] = text.value.decode()
        lines.tell(
            "seen",
            name=name.decode(),
            host=host.decode(),
            port=port,
            addresses=sorted(address for (other, *_), address in self.found.items() if other == name),
            txt=from_string_list(texts),
        )


is_running = False


def on_client(handle, state, _):
    global is_running
    if state == CLIENT_RUNNING:
        lines.tell("host", name=client_host(handle).decode())
        is_running = True


client_callback = ClientCallback(on_client)
poll = poll_new()
failure = c_int()
# it waits for the daemon, which is on the bus a moment after its socket is there
client = client_new(poll_get(poll), CLIENT_NO_FAIL, client_callback, None, byref(failure))
check(failure.value)
while not is_running:
    check(poll_iterate(poll, 20))

services = {}
browsers = []


def obey(command):
    doing = command["do"]
    if doing == "publish":
        services[command["name"]] = Service(command)
    elif doing == "update":
        services[command["name"]].update(command)
    elif doing == "withdraw":
        group_free(services.pop(command["name"]).group)
    elif doing == "browse":
        browsers.append(Browser(command["type"]))
    elif doing == "exit":
        # the daemon says goodbye for what its client leaves behind
        client_free(client)
        sys.exit(0)


reader = lines.Reader()
lines.tell("ready")
while True:
    check(poll_iterate(poll, 20))
    for command in reader.read():
        obey(command)
