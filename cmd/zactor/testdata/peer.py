"""One socket of libzmq as the peer of the tool: peer.py TYPE ROLE MECHANISM SIDE ATTACH ENDPOINT.

ROLE is what this side does: "send" three messages, "recv" three, "ask" three times,
"answer" three times, or "flood": send the three again and again until the other side has
gone, for a type that can't know who hears it. "request" is "ask" with an empty frame in
front. What it receives is printed as JSON, as zactor --json does.
SIDE is "server" or "client" of PLAIN and CURVE, with the keys and the password in
variables. ATTACH is "bind" or "connect".
"""
import json
import os
import sys
import time

import zmq
from zmq.auth.thread import ThreadAuthenticator

# A fault ends the process: the end of Python would wait for what is not yet sent.
sys.excepthook = lambda *fault: (sys.__excepthook__(*fault), os._exit(1))

kind, role, mechanism, side, attach, endpoint = sys.argv[1:7]
context = zmq.Context()
socket = context.socket(getattr(zmq, kind.upper()))
# Who sends last waits until it is taken; any other one has nothing more to say.
last = role in ("send", "answer") or kind == "xpub"
socket.linger = -1 if last and kind != "xsub" else 0
socket.rcvtimeo = socket.sndtimeo = 30000
if kind in ("req", "dealer"):
    socket.routing_id = b"peer"

auth = None
if side == "server" and mechanism != "NULL" and kind != "req":
    # A REQ of libzmq 4.3.4 that asks an authenticator gets no reply: see the test.
    auth = ThreadAuthenticator(context)
    auth.start()
    auth.configure_plain(domain="*", passwords={"ann": os.environ["ZACTOR_PASSWORD"]})
    auth.configure_curve(domain="*", location=zmq.auth.CURVE_ALLOW_ANY)
if mechanism == "PLAIN" and side == "server":
    socket.plain_server = True
elif mechanism == "PLAIN":
    socket.plain_username = b"ann"
    socket.plain_password = os.environ["ZACTOR_PASSWORD"].encode()
elif mechanism == "CURVE" and side == "server":
    socket.curve_server = True
    socket.curve_secretkey = os.environ["PEER_SECRET"].encode()
    socket.curve_publickey = os.environ["PEER_PUBLIC"].encode()
elif mechanism == "CURVE":
    socket.curve_serverkey = os.environ["PEER_PUBLIC"].encode()
    socket.curve_publickey, socket.curve_secretkey = zmq.curve_keypair()

if kind == "sub":
    socket.subscribe(b"")
gone = socket.get_monitor_socket(zmq.EVENT_DISCONNECTED, "inproc://gone")
getattr(socket, attach)(endpoint)


def show(frames):
    shown = []
    for f in frames:
        try:
            shown.append(f.decode())
        except UnicodeDecodeError:
            shown.append({"hex": f.hex()})
    print(json.dumps({"frames": shown}, separators=(",", ":"), ensure_ascii=False), flush=True)


messages = [[b"one"], [b"two", b""], [b"\x00\xff", "ü".encode()]]
if kind == "stream":
    messages = [[b"one"], [b"two"], [b"\x00\xff"]]
elif kind == "xsub" and role == "send":
    messages = [[b"\x01one"], [b"\x01two"], ["\x01ü".encode()]]

before = []  # the frames that stand before a message
if role == "request":
    before = [b""]
elif kind == "xsub" and role == "recv":
    socket.send(b"\x01")
elif kind == "xpub" and role == "send":
    socket.recv()  # the subscription has come: nothing is lost
elif kind == "stream" or kind == "router" and role == "send":
    before = socket.recv_multipart()[:1]  # who is there
elif kind == "router" and role == "recv":
    before = [b"who it is"]

if role == "send":
    for m in messages:
        socket.send_multipart(before + m)
    if kind == "xsub":
        while not gone.poll(5):
            socket.get(zmq.EVENTS)  # it works, and sends what a new peer is to be told
elif role == "flood":
    end = time.monotonic() + 60
    while not gone.poll(5) and time.monotonic() < end:
        for m in messages:
            socket.send_multipart(m)
elif role == "recv":
    for _ in messages:
        show(socket.recv_multipart()[len(before):])
    if kind == "xpub":
        socket.send_multipart(messages[0])  # whoever subscribed has waited for it
elif role in ("ask", "request"):
    for m in messages:
        socket.send_multipart(before + m)
        show(socket.recv_multipart()[len(before):])
elif role == "answer":
    for _ in messages:
        socket.send_multipart(socket.recv_multipart())
gone.linger = 0
socket.monitor(None, 0)
gone.close()
socket.close()
if auth:
    auth.stop()
context.term()
