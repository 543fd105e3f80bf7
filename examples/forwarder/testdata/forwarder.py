"""Forwarder on libzmq: the other side of the interop test."""

import argparse

import zmq


def relay(context, a):
    inside, outside = context.socket(zmq.XSUB), context.socket(zmq.XPUB)
    inside.connect(a.inside)
    outside.bind(a.outside)
    zmq.proxy(inside, outside)


def publisher(context, a):
    pub = context.socket(zmq.XPUB)  # an XPUB hears of subscriptions
    pub.bind(a.inside)
    while pub.recv() != b"\x01" + a.topic.encode():
        pass
    for i in range(5):
        pub.send_multipart([b"another topic", b"nobody wants to see this"])
        pub.send_multipart([a.topic.encode(), f"news {i + 1}".encode()])


def subscriber(context, a):
    sub = context.socket(zmq.SUB)
    sub.setsockopt_string(zmq.SUBSCRIBE, a.topic)
    sub.connect(a.outside)
    for _ in range(5):
        print("[%s] %s" % tuple(part.decode() for part in sub.recv_multipart()))


args = argparse.ArgumentParser()
args.add_argument("-inside")
args.add_argument("-outside")
args.add_argument("role", choices=["relay", "publisher", "subscriber"])
args.add_argument("topic", nargs="?")
a = args.parse_args()
context = zmq.Context()
globals()[a.role](context, a)
context.term()  # waits until all has been sent
