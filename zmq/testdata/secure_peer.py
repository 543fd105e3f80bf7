"""libzmq's side of the tests of PLAIN and CURVE, driven by JSON lines.

Each line on stdin is a command, each line on stdout its answer, in order. The
content of message i is known to both sides (see message), so that nothing but
numbers is told.
"""

import json
import sys

import zmq
import zmq.auth
from zmq.auth.thread import ThreadAuthenticator
from zmq.utils.monitor import recv_monitor_message

SIZES = [0, 1, 7, 100, 222, 223, 255, 256, 1000, 8192, 65535, 65536, 300000, 1 << 20]
PATIENCE = 20000

ctx = zmq.Context()
auth = None
sock = None
monitor = None


def message(i):
    """Message i: one to three frames; the first begins with the number."""
    frames = []
    for k in range(1 + i % 3):
        # Large ones are rare enough for thousands of messages.
        size = SIZES[(i * 5 + k * 3) % (len(SIZES) if i % 40 == 0 else 10)]
        frames.append(bytes([128 + (i * 31 + k * 7) % 128]) * size)
    return [b"%d" % i] + frames


def do_authenticator(cmd):
    """zmq.auth, with a user and a directory of certificates."""
    global auth
    auth = ThreadAuthenticator(ctx)
    auth.start()
    auth.configure_plain(domain="home", passwords={cmd["user"]: cmd["password"]})
    auth.configure_curve(domain="home", location=cmd["dir"])
    return {}


def do_open(cmd):
    global sock, monitor
    sock = ctx.socket(getattr(zmq, cmd["type"]))
    sock.linger = 5000
    sock.sndtimeo = sock.rcvtimeo = PATIENCE
    sock.sndhwm = sock.rcvhwm = 0
    if cmd.get("id"):
        sock.routing_id = cmd["id"].encode()
    for name, value in cmd["options"].items():
        setattr(sock, name, value.encode() if isinstance(value, str) else value)
    if cmd["type"] == "SUB":
        sock.subscribe(b"")
    if cmd["type"] == "ROUTER" and cmd.get("id"):
        sock.router_mandatory = 1
    monitor = sock.get_monitor_socket(
        zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_HANDSHAKE_FAILED_AUTH
        | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL)
    if cmd["bind"]:
        sock.bind(cmd["endpoint"])
    else:
        sock.connect(cmd["endpoint"])
    if cmd["type"] == "XSUB":
        sock.send(b"\x01")
    return {"endpoint": sock.last_endpoint.decode()}


def do_event(cmd):
    """The next event of the handshake."""
    if not monitor.poll(PATIENCE):
        return {"error": "no event"}
    e = recv_monitor_message(monitor)
    return {"event": int(e["event"]), "value": e["value"]}


def do_send(cmd):
    for i in range(cmd["n"]):
        sock.send_multipart(message(i))
    return {}


def do_text(cmd):
    sock.send_multipart([t.encode() for t in cmd["frames"]])
    return {}


def do_recv(cmd):
    """Receives messages until n of those that count have come, in order."""
    i = 0
    while i < cmd["n"]:
        m = sock.recv_multipart()
        if m[0][:1] in (b"~", b"\x01"):
            continue
        if m != message(i):
            return {"error": "message %d is wrong: %r" % (i, [f[:20] for f in m])}
        i += 1
    return {"user": ""}


def do_echo(cmd):
    n = 0
    while n < cmd["n"]:
        sock.send_multipart(sock.recv_multipart())
        n += 1
    return {}


def do_ask(cmd):
    """Sends each message and waits for it to come back; pre goes in front."""
    pre = [p.encode() for p in cmd["pre"]]
    for i in range(cmd["n"]):
        want = pre + message(i)
        send_when_possible(want)
        m = sock.recv_multipart()
        if m != want:
            return {"error": "echo %d is wrong: %r" % (i, [f[:20] for f in m])}
    return {}


def send_when_possible(m):
    """A ROUTER must know its peer first."""
    while True:
        try:
            return sock.send_multipart(m)
        except zmq.ZMQError as e:
            if e.errno != zmq.EHOSTUNREACH:
                raise
            zmq.zmq_poll([], 5)


def do_user(cmd):
    """Receives one message and tells what the authenticator said of its sender."""
    frame = sock.recv(copy=False)
    while frame.more:
        sock.recv()
        break
    return {"text": frame.bytes.decode(), "user": frame.get("User-Id")}


def do_close(cmd):
    global sock, monitor
    if sock is not None:
        sock.disable_monitor()
        monitor = None
        sock.close(5000)
        sock = None
    return {}


def do_version(cmd):
    return {"text": "libzmq %s, pyzmq %s" % (zmq.zmq_version(), zmq.__version__)}


def main():
    for line in sys.stdin:
        cmd = json.loads(line)
        try:
            answer = globals()["do_" + cmd["op"]](cmd)
        except Exception as e:  # told to the test, which ends us
            answer = {"error": "%s: %r" % (cmd["op"], e)}
        print(json.dumps(answer), flush=True)
    do_close({})
    if auth is not None:
        auth.stop()
    ctx.term()


main()
