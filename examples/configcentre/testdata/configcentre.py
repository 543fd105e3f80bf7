"""Configcentre on libzmq: the other side of the interop test."""

import argparse
import json
import sys
import time

import zmq


def centre(context, a):
    rep, pub = context.socket(zmq.REP), context.socket(zmq.PUB)
    rep.bind(a.reports)
    pub.bind(a.configs)
    names = a.who.split(",")
    text = json.dumps({"version": 1, "rate": 2.5, "workers": names}).encode()
    missing = set(names)
    while True:
        name = rep.recv_string()
        if name not in names:
            rep.send_string("you are a stranger")
        elif not missing:
            rep.send_multipart([b"Welcome!", text])
        else:
            rep.send_string("Welcome!")
        if name in missing:
            print(name, "has come")
            missing.remove(name)
            if not missing:
                pub.send_multipart([b"config", text])
                print("all have come, configuration published")


def worker(context, a):
    sub = context.socket(zmq.SUB)
    sub.setsockopt_string(zmq.SUBSCRIBE, "config")
    sub.connect(a.configs)
    req = context.socket(zmq.REQ)
    req.req_relaxed = req.req_correlate = 1
    req.rcvtimeo, req.linger = a.interval, 0
    req.connect(a.reports)
    version = 0
    while True:
        version = use(report(req, a.who), version)
        if sub.poll(a.interval):
            version = use(sub.recv_multipart()[1], version)


def report(req, name):
    req.send_string(name)
    try:
        answer = req.recv_multipart()
    except zmq.Again:
        return None
    if answer[0] == b"you are a stranger":
        print(answer[0].decode())
        sys.exit(1)
    return answer[1] if len(answer) > 1 else None


def use(text, version):
    if text is None:
        return version
    c = json.loads(text)
    if c["version"] != version:
        print(f"configuration {c['version']}: rate {c['rate']}, workers [{' '.join(c['workers'])}]")
    return c["version"]


args = argparse.ArgumentParser()
args.add_argument("-reports")
args.add_argument("-configs")
args.add_argument("-interval", type=lambda text: int(text.removesuffix("ms")))
args.add_argument("role", choices=["centre", "worker"])
args.add_argument("who")
a = args.parse_args()
context = zmq.Context()
globals()[a.role](context, a)
