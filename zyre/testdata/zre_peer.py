"""A ZRE node written from the bytes on the wire, with pyzmq and nothing of ours.

Arguments: the UDP port, the UUID in hex, "curve" or "clear", and where: an IPv4
address of a /24 network, by default the loopback's, or the name of an interface, of
which it uses the link-local IPv6 address and nothing else. It prints one JSON line for
each thing that it hears, and obeys one JSON line for each thing to say.
"""
import json
import os
import socket
import struct
import sys

import zmq

UDP, UUID, CURVE = int(sys.argv[1]), bytes.fromhex(sys.argv[2]), sys.argv[3] == "curve"
WHERE = sys.argv[4] if len(sys.argv) > 4 else "127.0.0.1"
IPV6 = "." not in WHERE
KINDS = {1: "HELLO", 2: "WHISPER", 3: "SHOUT", 4: "JOIN", 5: "LEAVE", 6: "PING",
         7: "PING-OK", 8: "ELECT", 9: "LEADER", 10: "GOODBYE"}
IDS = {name: number for number, name in KINDS.items()}

ctx = zmq.Context()
inbox = ctx.socket(zmq.ROUTER)
inbox.setsockopt(zmq.ROUTER_HANDOVER, 1)
inbox.setsockopt(zmq.LINGER, 0)
public = secret = b""
if CURVE:
    public, secret = zmq.curve_keypair()
    inbox.curve_server = True
    inbox.curve_publickey, inbox.curve_secretkey = public, secret
    inbox.zap_domain = b"global"
if IPV6:
    inbox.ipv6 = True
    port = inbox.bind_to_random_port("tcp://*")
    ADDRESS = next(
        socket.inet_ntop(socket.AF_INET6, bytes.fromhex(line[0]))
        for line in map(str.split, open("/proc/net/if_inet6"))
        if line[5] == WHERE and line[0].startswith("fe80"))
    FAMILY, ALL = socket.AF_INET6, "ff02::1%" + WHERE
else:
    port = inbox.bind_to_random_port("tcp://" + WHERE)
    ADDRESS = WHERE
    loopback = WHERE.startswith("127.")
    FAMILY, ALL = socket.AF_INET, "127.255.255.255" if loopback else WHERE.rsplit(".", 1)[0] + ".255"

ear = socket.socket(FAMILY, socket.SOCK_DGRAM)
ear.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
ear.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
ear.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
ear.bind(("", UDP))
mouth = socket.socket(FAMILY, socket.SOCK_DGRAM)
mouth.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
if IPV6:
    index = socket.if_nametoindex(WHERE)
    group = socket.inet_pton(socket.AF_INET6, "ff02::1") + struct.pack("@I", index)
    ear.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, group)
    mouth.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
else:
    mouth.bind((ADDRESS, 0))

peers = {}  # uuid -> [dealer, sequence]
groups, status = [], 0


def string(s):
    return bytes([len(s)]) + s


def longstr(s):
    return struct.pack(">I", len(s)) + s


def tell(**what):
    print(json.dumps(what), flush=True)


def beacon(number):
    data = b"ZRE" + (b"\x03" if CURVE else b"\x01") + UUID + struct.pack(">H", number)
    if CURVE:
        data += zmq.utils.z85.decode(public)
    mouth.sendto(data, (ALL, UDP))


def send(uuid, kind, body=b"", content=()):
    peer = peers[uuid]
    peer[1] = (peer[1] + 1) & 0xFFFF
    head = b"\xaa\xa1" + bytes([IDS[kind], 2]) + struct.pack(">H", peer[1]) + body
    peer[0].send_multipart([head, *content])


def zoned(endpoint):
    """What zyre connects to: an IPv6 address gets the zone in front of the port."""
    address, number = endpoint.rsplit(":", 1)
    return "%s%%%s:%s" % (address, WHERE, number) if IPV6 else endpoint


def connect(uuid, endpoint, key):
    dealer = ctx.socket(zmq.DEALER)
    dealer.ipv6 = IPV6
    dealer.setsockopt(zmq.LINGER, 1000)
    dealer.identity = b"\x01" + UUID
    if CURVE:
        dealer.curve_serverkey = key
        dealer.curve_publickey, dealer.curve_secretkey = public, secret
    dealer.connect(zoned(endpoint))
    peers[uuid] = [dealer, 0]
    headers = {b"X-LANG": b"python"}
    if CURVE:
        headers[b"X-PUBLICKEY"] = public
    body = string(b"tcp://%s:%d" % (ADDRESS.encode(), port)) + struct.pack(">I", len(groups))
    body += b"".join(longstr(g) for g in groups) + bytes([status]) + string(b"pete")
    body += struct.pack(">I", len(headers))
    body += b"".join(string(k) + longstr(v) for k, v in headers.items())
    send(uuid, "HELLO", body)


class Reader:
    def __init__(self, data):
        self.data = data

    def take(self, n):
        assert len(self.data) >= n, "cut short"
        out, self.data = self.data[:n], self.data[n:]
        return out

    def string(self):
        return self.take(self.take(1)[0]).decode()

    def longstr(self):
        return self.take(struct.unpack(">I", self.take(4))[0]).decode()

    def list(self):
        return [self.longstr() for _ in range(struct.unpack(">I", self.take(4))[0])]

    def table(self):
        n = struct.unpack(">I", self.take(4))[0]
        return dict((self.string(), self.longstr()) for _ in range(n))


def receive():
    frames = inbox.recv_multipart()
    routing, head, content = frames[0], frames[1], frames[2:]
    assert len(routing) == 17 and routing[0] == 1, routing
    assert head[:2] == b"\xaa\xa1" and head[3] == 2, head
    kind, seq = KINDS[head[2]], struct.unpack(">H", head[4:6])[0]
    r, got = Reader(head[6:]), {}
    if kind == "HELLO":
        got = dict(endpoint=r.string(), groups=r.list(), status=r.take(1)[0], name=r.string(), headers=r.table())
    elif kind == "SHOUT":
        got = dict(group=r.string())
    elif kind in ("JOIN", "LEAVE"):
        got = dict(group=r.string(), status=r.take(1)[0])
    elif kind in ("ELECT", "LEADER"):
        got = dict(group=r.string(), node=r.string())
    assert not r.data, "left over"
    if kind in ("WHISPER", "SHOUT"):
        assert content, "no content"
    uuid = routing[1:]
    tell(kind=kind, seq=seq, uuid=uuid.hex().upper(), content=[c.decode() for c in content], **got)
    if kind == "HELLO" and uuid not in peers:
        connect(uuid, got["endpoint"], got["headers"].get("X-PUBLICKEY", "").encode())
    elif kind == "PING":
        send(uuid, "PING-OK")


def hear():
    data, sender = ear.recvfrom(300)
    if len(data) != (54 if CURVE else 22) or data[4:20] == UUID:
        return
    uuid, number = data[4:20], struct.unpack(">H", data[20:22])[0]
    tell(kind="BEACON", uuid=uuid.hex().upper(), port=number)
    if number and uuid not in peers:
        key = zmq.utils.z85.encode(data[22:54]) if CURVE else b""
        connect(uuid, "tcp://%s:%d" % (sender[0].split("%")[0], number), key)


def obey(order):
    global status
    kind, group = order["kind"], order.get("group", "").encode()
    content = [c.encode() for c in order.get("content", [])]
    if kind == "BEACON":
        return beacon(port)
    if kind == "BYE":
        return beacon(0)
    if kind in ("JOIN", "LEAVE"):
        status = (status + 1) & 0xFF
        groups.append(group) if kind == "JOIN" else groups.remove(group)
    for uuid in peers:
        if kind == "SHOUT":
            send(uuid, kind, string(group), content)
        elif kind in ("JOIN", "LEAVE"):
            send(uuid, kind, string(group) + bytes([status]))
        elif kind in ("ELECT", "LEADER"):
            send(uuid, kind, string(group) + string(order["node"].encode()))
        else:
            send(uuid, kind, b"", content)


import zmq.utils.z85  # noqa: E402

tell(kind="READY", key=public.decode())
poller = zmq.Poller()
for thing in (inbox, ear, sys.stdin):
    poller.register(thing, zmq.POLLIN)
rest = b""
while True:
    ready = dict(poller.poll())
    if inbox in ready:
        receive()
    if ear.fileno() in ready:
        hear()
    if sys.stdin.fileno() in ready:
        chunk = os.read(sys.stdin.fileno(), 65536)
        if not chunk:
            break
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            obey(json.loads(line))
ctx.destroy(linger=1000)
