"""A client of CHP (RFC 12) on libzmq: chp.py HOST PORT SUBTREE KEY VALUE.

It prints the snapshot, sets a key, and prints what is published until that comes back.
"""

import struct
import sys
import uuid

import zmq

host, port, subtree, key, value = sys.argv[1], int(sys.argv[2]), *[a.encode() for a in sys.argv[3:]]
ctx = zmq.Context.instance()
sub = ctx.socket(zmq.SUB)
sub.subscribe(subtree)
sub.subscribe(b"HUGZ")
sub.connect(f"tcp://{host}:{port + 1}")
pub = ctx.socket(zmq.PUB)
pub.linger = 0
pub.connect(f"tcp://{host}:{port + 2}")
snapshot = ctx.socket(zmq.DEALER)
snapshot.connect(f"tcp://{host}:{port}")

assert sub.recv_multipart()[0] == b"HUGZ"
snapshot.send_multipart([b"ICANHAZ?", subtree])
last = 0
while True:
    k, seq, empty, props, v = snapshot.recv_multipart()
    assert empty == b"" and props == b"", (empty, props)
    (n,) = struct.unpack(">Q", seq)
    if k == b"KTHXBAI":
        assert v == subtree and n >= last, (v, n)
        break
    last = max(last, n)
    print("snapshot", k.decode(), v.decode())

mine = uuid.uuid4().bytes
while True:
    pub.send_multipart([key, struct.pack(">Q", 0), mine, b"", value])
    if not sub.poll(100):
        continue
    k, seq, by, props, v = sub.recv_multipart()
    if k == b"HUGZ":
        continue
    print("published", k.decode(), v.decode())
    if by == mine:
        break
