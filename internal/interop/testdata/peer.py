"""The other side of the interop tests: libzmq sockets behind a line protocol.

One JSON object a line on stdin, one on stdout in answer, in order:

    {"id": 7, "op": "recv", "sock": 1, "timeout": 2000}
    {"id": 7, "frames": [{"size": 3, "crc": 891568578, "hex": "616263"}]}

or {"id": 7, "error": "EAGAIN", "text": "..."} when the call failed. Payloads are
named, not carried: {"size": n, "seed": k} is a frame that both sides can make
(see content), and what was received is told as its size and CRC. Frames of up
to 64 bytes also travel as hex, since tests need routing ids and topics.

Commands run one after the other on the main thread; only proxies have threads
of their own, with contexts of their own.
"""

import errno
import hashlib
import json
import sys
import threading
import time
import zlib

import zmq
from zmq.utils.monitor import parse_monitor_message

SHORT = 64


def content(size, seed):
    """The first bytes of SHAKE128(seed), with the top bit of byte 0 set, so
    that no payload looks like a subscription."""
    data = bytearray(hashlib.shake_128(str(seed).encode()).digest(size))
    if data:
        data[0] |= 0x80
    return bytes(data)


def decode(spec):
    if "hex" in spec:
        return bytes.fromhex(spec["hex"])
    return content(spec["size"], spec["seed"])


def describe(data):
    got = {"size": len(data), "crc": zlib.crc32(data)}
    if len(data) <= SHORT:
        got["hex"] = data.hex()
    return got


def option_value(value):
    """Options are numbers, or bytes as {"hex": "..."}."""
    return bytes.fromhex(value["hex"]) if isinstance(value, dict) else value


class Relay(threading.Thread):
    """zmq_proxy between two bound sockets, until stop ends its context."""

    def __init__(self, front, back):
        super().__init__(daemon=True)
        self.context = zmq.Context()
        self.front = self._bound(front)
        self.back = self._bound(back)

    def _bound(self, spec):
        sock = self.context.socket(getattr(zmq, spec["type"]))
        sock.linger = 0
        sock.bind(spec["bind"])
        return sock

    def endpoints(self):
        return [s.getsockopt(zmq.LAST_ENDPOINT).rstrip(b"\0").decode() for s in (self.front, self.back)]

    def run(self):
        try:
            zmq.proxy(self.front, self.back)
        except zmq.ContextTerminated:
            pass
        finally:
            self.front.close()
            self.back.close()

    def stop(self):
        self.context.term()
        self.join()


class Peer:
    def __init__(self):
        self.context = zmq.Context()
        self.socks = {}
        self.monitors = {}
        self.relays = []
        self.next = 1

    def op_version(self, _):
        return {"libzmq": zmq.zmq_version(), "pyzmq": zmq.__version__}

    def op_socket(self, cmd):
        sock = self.context.socket(getattr(zmq, cmd["type"]))
        sock.linger = 0
        number, self.next = self.next, self.next + 1
        self.socks[number] = sock
        self.op_set({"sock": number, "opts": cmd.get("opts") or {}})
        return {"sock": number}

    def op_set(self, cmd):
        sock = self.socks[cmd["sock"]]
        for name, value in cmd["opts"].items():
            sock.setsockopt(getattr(zmq, name), option_value(value))
        return {}

    def op_bind(self, cmd):
        sock = self.socks[cmd["sock"]]
        sock.bind(cmd["endpoint"])
        return {"endpoint": sock.getsockopt(zmq.LAST_ENDPOINT).rstrip(b"\0").decode()}

    def op_connect(self, cmd):
        self.socks[cmd["sock"]].connect(cmd["endpoint"])
        return {}

    def op_unbind(self, cmd):
        self.socks[cmd["sock"]].unbind(cmd["endpoint"])
        return {}

    def op_disconnect(self, cmd):
        self.socks[cmd["sock"]].disconnect(cmd["endpoint"])
        return {}

    def op_send(self, cmd):
        """Sends one message, within timeout ms. A ROUTER that is mandatory
        keeps trying until its peer is there."""
        sock = self.socks[cmd["sock"]]
        frames = [decode(f) for f in cmd["frames"]]
        end = time.monotonic() + cmd["timeout"] / 1000
        while True:
            sock.sndtimeo = max(0, int((end - time.monotonic()) * 1000))
            try:
                sock.send_multipart(frames)
                return {}
            except zmq.ZMQError as err:
                if err.errno != zmq.EHOSTUNREACH or time.monotonic() > end:
                    raise
                time.sleep(0.01)

    def op_recv(self, cmd):
        sock = self.socks[cmd["sock"]]
        sock.rcvtimeo = cmd["timeout"]
        return {"frames": [describe(f) for f in sock.recv_multipart()]}

    def op_sendseq(self, cmd):
        """Sends n messages that begin with their number, 8 bytes big-endian."""
        sock = self.socks[cmd["sock"]]
        sock.sndtimeo = cmd["timeout"]
        tail = b"." * max(0, cmd["size"] - 8)
        start = cmd.get("start", 0)
        for i in range(start, start + cmd["n"]):
            sock.send(i.to_bytes(8, "big") + tail)
        return {"n": cmd["n"]}

    def op_recvseq(self, cmd):
        """Receives up to n numbered messages, and stops at the first that is
        out of turn or late; tells how many came and what stopped it."""
        sock = self.socks[cmd["sock"]]
        sock.rcvtimeo = cmd["timeout"]
        start = cmd.get("start", 0)
        for i in range(start, start + cmd["n"]):
            try:
                got = int.from_bytes(sock.recv()[:8], "big")
            except zmq.Again:
                return {"n": i - start, "stop": "silence"}
            if got != i:
                return {"n": i - start, "stop": f"message {got} where {i} was due"}
        return {"n": cmd["n"], "stop": ""}

    def op_recvall(self, cmd):
        """Receives until nothing came for timeout ms; returns first frames."""
        sock = self.socks[cmd["sock"]]
        sock.rcvtimeo = cmd["timeout"]
        got = []
        while True:
            try:
                got.append(sock.recv_multipart()[0].hex())
            except zmq.Again:
                return {"heads": got}

    def op_subscribe(self, cmd):
        self.socks[cmd["sock"]].setsockopt(zmq.SUBSCRIBE, bytes.fromhex(cmd["hex"]))
        return {}

    def op_unsubscribe(self, cmd):
        self.socks[cmd["sock"]].setsockopt(zmq.UNSUBSCRIBE, bytes.fromhex(cmd["hex"]))
        return {}

    def op_proxy(self, cmd):
        relay = Relay(cmd["front"], cmd["back"])
        relay.start()
        self.relays.append(relay)
        return {"endpoints": relay.endpoints()}

    def op_monitor(self, cmd):
        self.monitors[cmd["sock"]] = self.socks[cmd["sock"]].get_monitor_socket()
        return {}

    def op_events(self, cmd):
        """Names of the monitor's events, up to and with the one in until, or
        until timeout ms have gone by."""
        mon = self.monitors[cmd["sock"]]
        end = time.monotonic() + cmd["timeout"] / 1000
        names = []
        while time.monotonic() < end:
            if not mon.poll(max(1, int((end - time.monotonic()) * 1000))):
                break
            event = parse_monitor_message(mon.recv_multipart())
            names.append(zmq.Event(event["event"]).name)
            if names[-1] == cmd.get("until"):
                break
        return {"events": names}

    def op_close(self, cmd):
        number = cmd["sock"]
        sock, mon = self.socks.pop(number), self.monitors.pop(number, None)
        if mon:
            # In this order: libzmq blocks on a monitor's reader that went away.
            sock.disable_monitor()
            mon.close(linger=0)
        sock.close(linger=cmd.get("linger", 0))
        return {}

    def op_unproxy(self, _):
        for relay in self.relays:
            relay.stop()
        self.relays = []
        return {}

    def finish(self):
        self.op_unproxy(None)
        for number in list(self.socks):
            self.op_close({"sock": number})
        self.context.term()


def answer(peer, cmd):
    try:
        return getattr(peer, "op_" + cmd["op"])(cmd)
    except zmq.ZMQError as err:
        return {"error": errno.errorcode.get(err.errno, "EFSM" if err.errno == zmq.EFSM else str(err.errno)), "text": str(err)}


def main():
    peer = Peer()
    for line in sys.stdin:
        cmd = json.loads(line)
        reply = answer(peer, cmd)
        reply["id"] = cmd["id"]
        print(json.dumps(reply), flush=True)
    peer.finish()


if __name__ == "__main__":
    main()
