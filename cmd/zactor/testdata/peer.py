"""One socket of libzmq as the peer of the tool: peer.py TYPE ROLE MECHANISM ENDPOINT.

ROLE is what this side does: "send" three messages, "recv" three, "ask" three times, or
"answer" three times. What it receives is printed as JSON, as zactor --json does.
It binds, and is the server of PLAIN and CURVE; the keys are in variables.
"""
import json
import os
import sys

import zmq
from zmq.auth.thread import ThreadAuthenticator

kind, role, mechanism, endpoint = sys.argv[1:5]
context = zmq.Context()
auth = ThreadAuthenticator(context)
auth.start()
socket = context.socket(getattr(zmq, kind.upper()))
socket.linger = -1
socket.rcvtimeo = socket.sndtimeo = 30000
if mechanism == "PLAIN":
    auth.configure_plain(domain="*", passwords={"ann": os.environ["ZACTOR_PASSWORD"]})
    socket.plain_server = True
elif mechanism == "CURVE":
    auth.configure_curve(domain="*", location=zmq.auth.CURVE_ALLOW_ANY)
    socket.curve_secretkey = os.environ["PEER_SECRET"].encode()
    socket.curve_publickey = os.environ["PEER_PUBLIC"].encode()
    socket.curve_server = True
if kind == "sub":
    socket.subscribe(b"")
socket.bind(endpoint)


def show(frames):
    shown = []
    for f in frames:
        try:
            shown.append(f.decode())
        except UnicodeDecodeError:
            shown.append({"hex": f.hex()})
    print(json.dumps({"frames": shown}, separators=(",", ":"), ensure_ascii=False), flush=True)


messages = [[b"one"], [b"two", b""], [b"\x00\xff", "ü".encode()]]
if role == "send":
    if kind == "xpub":
        socket.recv()  # the subscription has come: nothing is lost
    peer = []
    if kind == "router":
        peer = socket.recv_multipart()[:1]
    for m in messages:
        socket.send_multipart(peer + m)
elif role == "recv":
    for _ in messages:
        frames = socket.recv_multipart()
        show(frames[1:] if kind == "router" else frames)
elif role == "ask":
    for m in messages:
        socket.send_multipart(m)
        show(socket.recv_multipart())
elif role == "answer":
    for _ in messages:
        socket.send_multipart(socket.recv_multipart())
socket.close()
auth.stop()
context.term()
