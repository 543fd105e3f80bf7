"""Steerable on libzmq: the other side of the interop test."""

import argparse
import struct

import zmq


def proxy(context, a):
    pull, push, commands = context.socket(zmq.PULL), context.socket(zmq.PUSH), context.socket(zmq.REP)
    pull.bind(a.front)
    push.bind(a.back)
    commands.bind(a.control)
    zmq.proxy_steerable(pull, push, None, commands)
    print("terminated")


def tell(context, a):
    req = context.socket(zmq.REQ)
    req.connect(a.control)
    req.send_string(a.command)
    counters = [struct.unpack("=Q", part)[0] for part in req.recv_multipart() if len(part) == 8]
    print(":".join([a.command, "".join(f" {n}" for n in counters)]))


def push(context, a):
    sock = context.socket(zmq.PUSH)
    sock.connect(a.front)
    for i in range(a.n):
        sock.send_string(f"message {i}")


def pull(context, a):
    sock = context.socket(zmq.PULL)
    sock.connect(a.back)
    for _ in range(a.n):
        print(sock.recv_string())


args = argparse.ArgumentParser()
for name in "front", "back", "control":
    args.add_argument("-" + name)
args.add_argument("-n", type=int, default=10)
args.add_argument("role", choices=["proxy", "tell", "push", "pull"])
args.add_argument("command", nargs="?")
a = args.parse_args()
context = zmq.Context()
globals()[a.role](context, a)
context.term()  # waits until all has been sent
