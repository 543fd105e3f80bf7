"""Fanin on libzmq: the other side of the interop test."""

import sys

import zmq
from zmq.utils.monitor import recv_monitor_message


def server(context, name, endpoint):
    rep = context.socket(zmq.REP)
    rep.bind(endpoint)
    while True:
        rep.send_string(f"{rep.recv_string()} was done by {name}")


def client(context, *endpoints):
    req = context.socket(zmq.REQ)
    events = req.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED)
    for e in endpoints:
        req.connect(e)
    for _ in endpoints:
        recv_monitor_message(events)
    req.disable_monitor()
    for i in range(2 * len(endpoints)):
        req.send_string(f"R{i + 1}")
        print(req.recv_string())


globals()[sys.argv[1]](zmq.Context(), *sys.argv[2:])
