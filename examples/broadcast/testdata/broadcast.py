"""Broadcast on libzmq: the other side of the interop test."""

import argparse
import json

import zmq


def worker(context, a):
    rep, pub = context.socket(zmq.REP), context.socket(zmq.XPUB)
    pub.setsockopt(zmq.XPUB_VERBOSE, 1)
    pub.bind(a.news)
    for _ in range(a.listeners):
        pub.recv()  # a subscription
    rep.bind(a.commands)
    while True:
        parts = rep.recv_multipart()
        if len(parts) != 2:
            rep.send(b"a command has two parts")
            continue
        pub.send_multipart([b"msg"] + parts)
        rep.send(b"OK")


def listener(context, a):
    sub = context.socket(zmq.SUB)
    sub.subscribe("msg")
    sub.connect(a.news)
    while True:
        print("[" + " ".join(json.dumps(part.decode()) for part in sub.recv_multipart()) + "]")


def command(context, a):
    req = context.socket(zmq.REQ)
    req.connect(a.commands)
    req.send_multipart([part.encode() for part in a.parts])
    print(req.recv_string())


args = argparse.ArgumentParser()
args.add_argument("-commands")
args.add_argument("-news")
args.add_argument("-listeners", type=int)
args.add_argument("role", choices=["worker", "listener", "command"])
args.add_argument("parts", nargs="*")
a = args.parse_args()
context = zmq.Context()
globals()[a.role](context, a)
context.term()  # waits until all has been sent
