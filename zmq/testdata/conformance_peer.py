"""libzmq's side of the conformance table, driven by JSON lines.

Each line on stdin is a command for one of several sockets, each line on stdout its
answer, in order. Frames travel as latin-1 text, so that every byte can.
"""

import errno
import json
import os
import struct
import sys

import zmq

answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # OpenPGM prints its warnings to the standard output

ctx = zmq.Context()
socks = {}
FLAGS = {"string", "bytes"}


def do_open(cmd):
    s = ctx.socket(getattr(zmq, cmd["type"]))
    socks[cmd["sock"]] = s
    s.linger = 1000
    for name, value in cmd["options"]:
        put(s, name, value)
    return {}


def put(s, name, value):
    option = getattr(zmq, name)
    if isinstance(value, bool):
        value = int(value)
    if isinstance(value, str):
        value = value.encode("latin-1")
    s.setsockopt(option, value)


def do_set(cmd):
    put(socks[cmd["sock"]], cmd["name"], cmd["value"])
    return {}


def do_bind(cmd):
    s = socks[cmd["sock"]]
    s.bind(cmd["endpoint"])
    return {"endpoint": s.last_endpoint.decode().rstrip("\0")}


def do_connect(cmd):
    socks[cmd["sock"]].connect(cmd["endpoint"])
    return {}


def do_unbind(cmd):
    socks[cmd["sock"]].unbind(cmd["endpoint"])
    return {}


def do_disconnect(cmd):
    socks[cmd["sock"]].disconnect(cmd["endpoint"])
    return {}


def do_send(cmd):
    s = socks[cmd["sock"]]
    if cmd["ms"] is not None:
        s.sndtimeo = cmd["ms"]
    s.send_multipart([f.encode("latin-1") for f in cmd["frames"]])
    return {}


def do_recv(cmd):
    s = socks[cmd["sock"]]
    if cmd["ms"] is not None:
        s.rcvtimeo = cmd["ms"]
    return {"frames": [f.decode("latin-1") for f in s.recv_multipart()]}


def do_subscribe(cmd):
    s = socks[cmd["sock"]]
    topic = cmd["topic"].encode("latin-1")
    s.setsockopt(zmq.SUBSCRIBE if cmd["on"] else zmq.UNSUBSCRIBE, topic)
    return {}


def do_close(cmd):
    socks.pop(cmd["sock"]).close(1000)
    return {}


def do_leave(cmd):  # with the linger time that the socket has
    socks.pop(cmd["sock"]).close()
    return {}


def do_get(cmd):
    value = socks[cmd["sock"]].getsockopt(getattr(zmq, cmd["name"]))
    return {"value": value.rstrip(b"\0").decode("latin-1") if isinstance(value, bytes) else str(value)}


def do_monitor(cmd):
    socks[cmd["sock"] + " monitor"] = socks[cmd["sock"]].get_monitor_socket(cmd["mask"])
    return {}


def do_event(cmd):
    m = socks[cmd["sock"] + " monitor"]
    m.rcvtimeo = cmd["ms"]
    kind, value = struct.unpack("=hi", m.recv_multipart()[0])
    return {"kind": kind & 0xFFFF, "value": str(value)}


for line in sys.stdin:
    cmd = json.loads(line)
    try:
        answer = globals()["do_" + cmd["op"]](cmd)
    except zmq.ZMQError as e:
        answer = {"error": errno.errorcode.get(e.errno, {
            zmq.EFSM: "EFSM", zmq.ENOTSUP: "ENOTSUP", zmq.ETERM: "ETERM"}.get(e.errno, str(e)))}
    answers.write(json.dumps(answer) + "\n")
    answers.flush()
ctx.destroy(0)
