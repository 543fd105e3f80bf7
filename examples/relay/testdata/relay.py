"""Relay on libzmq: the other side of the interop test."""

import sys

import zmq


def awaits(context, endpoint):
    pair = context.socket(zmq.PAIR)
    pair.bind(endpoint)
    assert pair.recv() == b"READY"


def signals(context, endpoint, text):
    pair = context.socket(zmq.PAIR)
    pair.connect(endpoint)
    print(text)
    pair.send(b"READY")


context = zmq.Context()
role, second, third = sys.argv[1:]
if role == "step1":
    signals(context, second, "step 1: ready, signalling step 2")
elif role == "step2":
    awaits(context, second)
    signals(context, third, "step 2: ready, signalling step 3")
else:
    awaits(context, third)
    print("step 3: all have come")
context.term()  # waits until all has been sent
