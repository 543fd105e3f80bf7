"""Broker on libzmq: the other side of the interop test."""

import sys

import zmq


def bound(context, front, back):
    router, dealer = context.socket(zmq.ROUTER), context.socket(zmq.DEALER)
    router.bind(front)
    dealer.bind(back)
    return router, dealer


def poll(context, front, back):
    router, dealer = bound(context, front, back)
    poller = zmq.Poller()
    poller.register(router, zmq.POLLIN)
    poller.register(dealer, zmq.POLLIN)
    while True:
        ready = dict(poller.poll())
        for source, target in (router, dealer), (dealer, router):
            more = source in ready
            while more:  # part by part, and whether more follow
                part = source.recv()
                more = source.getsockopt(zmq.RCVMORE)
                target.send(part, zmq.SNDMORE if more else 0)


def proxy(context, front, back):
    zmq.proxy(*bound(context, front, back))


def client(context, front, _):
    req = context.socket(zmq.REQ)
    req.connect(front)
    for i in range(10):
        req.send(b"Hello")
        print(f"answer {i + 1}: {req.recv_string()}")


def worker(context, _, back):
    rep = context.socket(zmq.REP)
    rep.connect(back)
    while True:
        print("received", rep.recv_string())
        rep.send(b"World")


context = zmq.Context()
globals()[sys.argv[1]](context, *(sys.argv[2:] + [None])[:2])
context.term()  # waits until all has been sent
