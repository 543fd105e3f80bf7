"""Gateway on libzmq: the other side of the interop test."""

import argparse
import threading
import uuid

import zmq
from zmq.utils.monitor import recv_monitor_message


def deal(context, a):
    threading.Thread(target=hall, args=(context, a), daemon=True).start()
    mouth, ears = enter(context, a)
    push = context.socket(zmq.PUSH)
    events = push.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED)
    push.bind(a.moves)
    there = 0
    for n in a.numbers:
        while there < n:
            recv_monitor_message(events)
            there += 1
        print(n, "servers are there")
        for i in range(100 * n):
            push.send_multipart([b"move", str(i).encode()])
    for _ in range(there):
        push.send_multipart([b"end", str(there).encode()])
    for _ in range(there):
        ears.recv_multipart()
    push.disable_monitor()


def hall(context, a):
    xsub, xpub = context.socket(zmq.XSUB), context.socket(zmq.XPUB)
    xsub.bind(a.talk)
    xpub.bind(a.listen)
    zmq.proxy(xsub, xpub)


def serve(context, a):
    n = a.numbers[0]
    had = [0] * n
    servers = [threading.Thread(target=play, args=(context, a, had, i)) for i in range(n)]
    for s in servers:
        s.start()
    for s in servers:
        s.join()
    print(f"{n} servers had {min(had)} to {max(had)} moves each")


def play(context, a, had, me):
    mouth, ears = enter(context, a)
    pull = context.socket(zmq.PULL)
    pull.connect(a.moves)
    word, number = pull.recv_multipart()
    while word == b"move":
        had[me] += 1
        word, number = pull.recv_multipart()
    mouth.send_multipart([b"result", str(had[me]).encode()])
    for _ in range(int(number)):
        ears.recv_multipart()
    for sock in mouth, ears, pull:
        sock.close()


def enter(context, a):
    mouth, ears = context.socket(zmq.XPUB), context.socket(zmq.SUB)  # an XPUB hears of subscriptions
    word = uuid.uuid4().bytes
    ears.subscribe(b"result")
    ears.subscribe(word)
    ears.connect(a.listen)
    mouth.connect(a.talk)
    while mouth.recv() != b"\x01" + word:
        pass
    return mouth, ears


args = argparse.ArgumentParser()
for name in "moves", "talk", "listen":
    args.add_argument("-" + name)
args.add_argument("role", choices=["deal", "serve"])
args.add_argument("numbers", type=int, nargs="+")
a = args.parse_args()
context = zmq.Context()
globals()[a.role](context, a)
context.destroy(linger=1000)  # what has been said is still to be sent
