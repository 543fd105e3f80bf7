"""A Jupyter client on libzmq: it speaks the Jupyter wire protocol 5.3 to a kernel.

usage: jupyter_client.py KEY SHELL CONTROL IOPUB STDIN HEARTBEAT ROUNDS
Each round executes code, answers the kernel's input request, checks what iopub says,
asks over control, and beats the heart. It prints one line a round. Whatever is lost
with a kernel that restarts is asked again, as Jupyter's own clients do.
"""
import hashlib
import hmac
import json
import sys
import uuid

import zmq

key, shell_at, control_at, iopub_at, stdin_at, beat_at = sys.argv[1:7]
rounds = int(sys.argv[7])
ctx = zmq.Context()
me = uuid.uuid4().hex.encode()
PATIENCE = 500  # ms, after which something counts as lost
DELIM = b"<IDS|MSG>"


def connect(kind, at):
    s = ctx.socket(kind)
    s.linger = 0
    s.reconnect_ivl = 20
    if kind == zmq.DEALER:
        s.identity = me
    s.connect(at)
    return s


shell, control, stdin = (connect(zmq.DEALER, at) for at in (shell_at, control_at, stdin_at))
iopub = connect(zmq.SUB, iopub_at)
iopub.subscribe(b"")


def sign(parts):
    h = hmac.new(key.encode(), digestmod=hashlib.sha256)
    for p in parts:
        h.update(p)
    return h.hexdigest().encode()


def send(s, kind, content, parent=None):
    header = {"msg_id": uuid.uuid4().hex, "username": "ada", "session": me.decode(),
              "msg_type": kind, "version": "5.3", "date": "2026-01-01T00:00:00Z"}
    parts = [json.dumps(p).encode() for p in (header, parent or {}, {}, content)]
    s.send_multipart([DELIM, sign(parts)] + parts)
    return header["msg_id"]


def recv(s, ms):
    """One message, or None when none comes in time."""
    if not s.poll(ms):
        return None
    frames = s.recv_multipart()
    at = frames.index(DELIM)
    parts = frames[at + 2:at + 6]
    if not hmac.compare_digest(frames[at + 1], sign(parts)):
        sys.exit("a message has a wrong signature")
    header, parent, _, content = (json.loads(p) for p in parts)
    return frames[:at], header, parent, content


def reply(s, request):
    while True:
        m = recv(s, PATIENCE)
        if m is None or m[2].get("msg_id") == request:
            return m and m[3]


def execute(n):
    """What a cell says, or None when some of it was lost."""
    request = send(shell, "execute_request", {"code": "%d * %d" % (n, n), "silent": False, "allow_stdin": True})
    while True:
        asked = recv(stdin, PATIENCE)
        if asked is None:
            return None
        if asked[2].get("msg_id") == request:
            break
    send(stdin, "input_reply", {"value": "yes"}, asked[1])
    answer = reply(shell, request)
    if answer is None or answer["status"] != "ok":
        return None
    said = []
    while True:
        m = recv(iopub, PATIENCE)
        if m is None:
            return None
        topic, header, parent, content = m
        if parent.get("msg_id") != request:
            continue
        if topic != [b"kernel." + header["msg_type"].encode()]:
            sys.exit("iopub has topic %r for %s" % (topic, header["msg_type"]))
        said.append((header["msg_type"], content.get("execution_state") or content.get("data", {}).get("text/plain")))
        if said[-1] == ("status", "idle"):
            return said


def beat():
    s = connect(zmq.REQ, beat_at)
    try:
        s.send(b"ping\x00\xff")
        return s.poll(PATIENCE) and s.recv() == b"ping\x00\xff"
    finally:
        s.close()


for n in range(1, rounds + 1):
    while True:
        # Whatever cell still waits for an answer of somebody who is gone is to end.
        if reply(control, send(control, "interrupt_request", {})) is None:
            continue
        said = execute(n)
        if said is None:
            continue
        info = reply(control, send(control, "kernel_info_request", {}))
        if info is None or not beat():
            continue
        break
    if said != [("status", "busy"), ("execute_input", None), ("execute_result", str(n * n)), ("status", "idle")]:
        sys.exit("iopub said %r" % said)
    print("round", n, info["implementation"], flush=True)
ctx.destroy()
