"""Hello on libzmq: the other side of the interop test."""

import argparse
import time

import zmq


def server(context, endpoint, work):
    rep = context.socket(zmq.REP)
    rep.bind(endpoint)
    print("answering first is an error:", misuse(rep, b"World"))
    while True:
        print("received", rep.recv_string())
        time.sleep(work)
        rep.send(b"World")


def client(context, endpoint):
    req = context.socket(zmq.REQ)
    req.connect(endpoint)
    for i in range(10):
        req.send(b"Hello")
        if i == 0:
            print("asking twice is an error:", misuse(req, b"Hello?"))
        print(f"Hello {i + 1}: {req.recv_string()}")


def misuse(sock, data):
    try:
        sock.send(data, zmq.NOBLOCK)
    except zmq.ZMQError as e:
        return str(e.errno == zmq.EFSM).lower()
    return "false"


args = argparse.ArgumentParser()
args.add_argument("-work", default="1ms")
args.add_argument("role")
args.add_argument("endpoint")
a = args.parse_args()
context = zmq.Context()
if a.role == "server":
    server(context, a.endpoint, int(a.work.removesuffix("ms")) / 1000)
client(context, a.endpoint)
