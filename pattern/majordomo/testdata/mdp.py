"""A worker and a client of MDP 0.2 (RFC 18) on libzmq: mdp.py worker|client ENDPOINT."""

import sys
import time

import zmq

CLIENT, WORKER = b"MDPC02", b"MDPW02"
BEAT = 0.1


def worker(endpoint):
    sock = zmq.Context.instance().socket(zmq.DEALER)
    sock.connect(endpoint)
    sock.send_multipart([WORKER, b"\x01", b"python"])
    print("ready")
    last = time.monotonic()
    while True:
        if sock.poll(int(BEAT * 1000)):
            m = sock.recv_multipart()
            assert m[0] == WORKER, m
            if m[1] == b"\x02":
                address, empty, body = m[2], m[3], m[4:]
                assert empty == b"", m
                sock.send_multipart([WORKER, b"\x03", address, b"", b"part of"] + body)
                sock.send_multipart([WORKER, b"\x04", address, b""] + [b.upper() for b in body])
                print("answered")
            elif m[1] == b"\x06":
                print("sent away")
                return
            else:
                assert m[1:] == [b"\x05"], m
        if time.monotonic() - last >= BEAT:
            sock.send_multipart([WORKER, b"\x05"])
            last = time.monotonic()


def client(endpoint, service, *body):
    sock = zmq.Context.instance().socket(zmq.DEALER)
    sock.linger = 0
    sock.connect(endpoint)
    sock.send_multipart([CLIENT, b"\x01", service.encode()] + [b.encode() for b in body])
    while True:
        assert sock.poll(25000), "no answer"
        m = sock.recv_multipart()
        assert m[0] == CLIENT and m[2] == service.encode(), m
        print({b"\x02": "partial", b"\x03": "final"}[m[1]], *[b.decode() for b in m[3:]])
        if m[1] == b"\x03":
            return


{"worker": worker, "client": client}[sys.argv[1]](*sys.argv[2:])
