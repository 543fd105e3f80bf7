# The server of the crowd on libzmq: a PULL, and an authenticator that takes its time for
# each password without keeping others waiting. Arguments: mechanism, seconds a password.
import heapq
import json
import os
import resource
import sys
import threading
import time

import zmq

mechanism, takes = sys.argv[1], float(sys.argv[2])
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
context = zmq.Context()


def authenticate(router):
    waiting = []
    while True:
        late = 1000
        if waiting:
            late = max(0, int((waiting[0][0] - time.monotonic()) * 1000))
        if router.poll(late):
            while True:
                try:
                    frames = router.recv_multipart(zmq.NOBLOCK)
                except zmq.Again:
                    break
                heapq.heappush(waiting, (time.monotonic() + takes, len(waiting), frames))
        while waiting and waiting[0][0] <= time.monotonic():
            frames = heapq.heappop(waiting)[2]
            at = frames.index(b"")
            version, request = frames[at + 1], frames[at + 2]
            router.send_multipart(frames[: at + 1] + [version, request, b"200", b"OK", b"crowd", b""])


pull = context.socket(zmq.PULL)
pull.setsockopt(zmq.BACKLOG, 4096)
ready = {"Endpoint": "", "Key": ""}
if mechanism == "plain":
    router = context.socket(zmq.ROUTER)
    router.setsockopt(zmq.SNDHWM, 0)
    router.setsockopt(zmq.RCVHWM, 0)
    router.bind("inproc://zeromq.zap.01")
    threading.Thread(target=authenticate, args=(router,), daemon=True).start()
    pull.plain_server = True
if mechanism == "curve":
    public, secret = zmq.curve_keypair()
    pull.curve_server = True
    pull.curve_secretkey = secret
    ready["Key"] = public.decode()
pull.bind("tcp://127.0.0.1:*")
ready["Endpoint"] = pull.getsockopt(zmq.LAST_ENDPOINT).rstrip(b"\0").decode()
print(json.dumps(ready), flush=True)

seen, doubled, want, end = set(), 0, None, None
lines = []
threading.Thread(target=lambda: lines.append(sys.stdin.readline()), daemon=True).start()
while True:
    if pull.poll(10):
        text = pull.recv()
        doubled += text in seen
        seen.add(text)
    if want is None and lines:
        want, end = int(lines[0] or 0), time.monotonic() + 5
    if want is not None and (len(seen) >= want or time.monotonic() > end):
        break
print(json.dumps({"Received": len(seen), "Doubled": doubled, "PeakMiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10}), flush=True)
sys.stdout.flush()
os._exit(0)
