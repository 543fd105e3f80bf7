"""Streamer on libzmq: the other side of the interop test."""

import argparse

import zmq


def node(context, a):
    pull, push, copies = context.socket(zmq.PULL), context.socket(zmq.PUSH), context.socket(zmq.XPUB)
    pull.bind(a.up)
    push.bind(a.down)
    copies.bind(a.side)
    for _ in range(a.lookers):
        copies.recv()  # a subscription
    zmq.proxy(pull, push, copies)


def push(context, a):
    sock = context.socket(zmq.PUSH)
    sock.connect(a.up)
    for i in range(a.n):
        sock.send_string(str(i + 1))


def pull(context, a):
    add(context.socket(zmq.PULL), a.down, a.n)


def look(context, a):
    sub = context.socket(zmq.SUB)
    sub.subscribe("")
    add(sub, a.side, a.n)


def add(sock, endpoint, n):
    sock.connect(endpoint)
    print(n, "numbers, in all", sum(int(sock.recv()) for _ in range(n)))


args = argparse.ArgumentParser()
for name in "up", "down", "side":
    args.add_argument("-" + name)
for name in "n", "lookers":
    args.add_argument("-" + name, type=int)
args.add_argument("role", choices=["node", "push", "pull", "look"])
a = args.parse_args()
context = zmq.Context()
globals()[a.role](context, a)
context.term()  # waits until all has been sent
