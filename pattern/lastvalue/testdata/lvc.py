"""A publisher and a subscriber on libzmq: lvc.py CACHE SOURCES.

It publishes into the cache's source, subscribes late, prints what it gets, publishes
again, and prints that.
"""

import sys
import zmq

ctx = zmq.Context.instance()
pub = ctx.socket(zmq.XPUB)
pub.connect(sys.argv[2])
assert pub.recv() == b"\x01"  # the cache has subscribed to all
for value in (b"old", b"one"):
    pub.send_multipart([b"a/1", value])
pub.send_multipart([b"a/2", b"two"])
pub.send_multipart([b"b", b"other"])
pub.send_multipart([b"end", b""])

first = ctx.socket(zmq.SUB)
first.subscribe(b"end")
first.connect(sys.argv[1])
first.recv_multipart()  # then the cache has all

sub = ctx.socket(zmq.SUB)
sub.subscribe(b"a/")
sub.subscribe(b"a")  # both match the same values
sub.connect(sys.argv[1])
for _ in range(2):
    print("late", *[f.decode() for f in sub.recv_multipart()])
pub.send_multipart([b"a/1", b"new"])
print("live", *[f.decode() for f in sub.recv_multipart()])
sub.subscribe(b"b")
print("more", *[f.decode() for f in sub.recv_multipart()])
pub.send_multipart([b"a/3", b"last"])
print("live", *[f.decode() for f in sub.recv_multipart()])
ctx.destroy(0)
