"""Child: Avahi on a host: a daemon of its own on a bus of its own, `avahi-browse`, and services in files."""

import atexit
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time

import channel

BUS = """<busconfig>
  <listen>unix:path=/run/bus</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/><allow own="*"/><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
  </policy>
</busconfig>"""

# it has no room for the records of a thousand services otherwise
DAEMON = """[server]
host-name=bench
allow-interfaces=eth0
use-ipv6=no
cache-entries-max=100000
objects-per-client-max=100000
[publish]
publish-workstation=no
publish-hinfo=no
"""

SERVICE = """<?xml version="1.0" standalone='no'?><!DOCTYPE service-group SYSTEM "avahi-service.dtd">
<service-group><name>{name}</name><service><type>_perf._tcp</type><port>8000</port>
<txt-record>id={name}</txt-record></service></service-group>"""

PR_SET_PDEATHSIG = 1

finds = channel.Finds()
published = 0
daemon = None


def write(path, text):
    with open(path, "w") as file:
        file.write(text)


def spawn(*command, stdout=subprocess.DEVNULL):
    def die_together():
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

    child = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.DEVNULL, preexec_fn=die_together
    )
    atexit.register(child.kill)
    return child


def wait_for(path):
    for _ in range(1000):
        if os.path.exists(path):
            return
        time.sleep(0.01)
    sys.exit(f"{path} does not appear")


def open_on(_):
    global daemon
    # whoever runs in a namespace has a view of its own of what is mounted
    for folder in ["/run", "/etc/avahi"]:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", folder], check=True)
    os.makedirs("/run/avahi-daemon")
    os.makedirs("/etc/avahi/services")
    os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = "unix:path=/run/bus"
    write("/run/bus.conf", BUS)
    write("/run/avahi.conf", DAEMON)
    spawn("dbus-daemon", "--config-file=/run/bus.conf", "--nofork", "--nopidfile")
    wait_for("/run/bus")
    daemon = spawn("avahi-daemon", "-f", "/run/avahi.conf", "--no-drop-root", "--no-chroot", "--no-rlimits")
    wait_for("/run/avahi-daemon/socket")
    # it has a name of its own by then, and answers
    time.sleep(2)
    return daemon.pid


def follow(browser):
    for line in browser.stdout:
        if line.startswith(b"="):
            finds.add(line.split(b";")[3])


def browse():
    at = channel.now()
    browser = spawn("stdbuf", "-oL", "avahi-browse", "-p", "-r", "-k", "_perf._tcp", stdout=subprocess.PIPE)
    threading.Thread(target=follow, args=[browser], daemon=True).start()
    return at


def publish(count):
    global published
    published += count
    os.makedirs("/etc/avahi/next")
    for index in range(published):
        write(f"/etc/avahi/next/{index}.service", SERVICE.format(name=f"Avahi {index}"))
    at = channel.now()
    os.rename("/etc/avahi/services", f"/etc/avahi/before-{published}")
    os.rename("/etc/avahi/next", "/etc/avahi/services")
    daemon.send_signal(signal.SIGHUP)
    return at


channel.serve({
    "open": open_on,
    "browse": browse,
    "known": finds.known,
    "lastFoundAt": finds.last_found_at,
    "held": lambda: channel.resident(daemon.pid),
    "publish": publish,
})
