"""Monitor on libzmq: the other side of the interop test."""

import sys

import zmq
from zmq.utils.monitor import recv_monitor_message

SHOWN = zmq.EVENT_LISTENING | zmq.EVENT_ACCEPTED | zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_DISCONNECTED


def frames(context, endpoint):
    rep = context.socket(zmq.REP)
    pair = rep.get_monitor_socket(SHOWN)
    rep.bind(endpoint)
    while True:
        e = recv_monitor_message(pair)
        print(zmq.Event(e["event"]).name, e["endpoint"].decode())


def visit(context, endpoint):
    req = context.socket(zmq.REQ)
    pair = req.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED)
    req.connect(endpoint)
    recv_monitor_message(pair)
    req.disable_monitor()


context = zmq.Context()
globals()[sys.argv[1]](context, sys.argv[2])
