"""libzmq's end of a multicast test: pgm.py pub|sub ENDPOINT COUNT RATE RECOVERY_MS

A publisher sends "warm" again and again until it is told to go on by a line on
stdin, then COUNT messages (paced, if a number of microseconds is in the line), and
keeps its socket until stdin ends.
A subscriber says "joined" with its first message, and in the end how many of the
COUNT messages it has, and whether each was as it should be and in order.
"""

import os
import select
import sys
import time

import zmq

# OpenPGM writes warnings to file 1, from threads of its own and in the middle of our lines:
# they go to stderr.
sys.stdout = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)


def message(i):
    """The same as multicastMessage in pgm_test.go."""
    m = [b"%c%d" % (97 + i % 3, i)]
    if i % 50 == 0:
        m.append(b"x" * 3000)
    if i % 7 == 0:
        m += [b"", b"y" * (i % 300)]
    return m


def publish(sock, count):
    while not select.select([sys.stdin], [], [], 0.02)[0]:
        sock.send(b"warm")
    pause = int(sys.stdin.readline() or 0) / 1e6
    for i in range(count):
        sock.send_multipart(message(i))
        if pause:
            time.sleep(pause)
    print("sent", flush=True)
    sys.stdin.read()


def subscribe(sock, count):
    sock.recv_multipart()
    print("joined", flush=True)
    got, last = 0, -1
    while last < count - 1:
        try:
            m = sock.recv_multipart()
        except zmq.Again:
            break
        if m == [b"warm"]:
            continue
        i = int(m[0][1:])
        if i <= last or m != message(i):
            print("wrong", i, last, [len(f) for f in m], flush=True)
            return
        got, last = got + 1, i
    print("got", got, flush=True)


def main():
    role, endpoint = sys.argv[1:3]
    count, rate, recovery = map(int, sys.argv[3:])
    sock = zmq.Context().socket(zmq.PUB if role == "pub" else zmq.SUB)
    sock.linger, sock.sndhwm, sock.rcvhwm = 0, 0, 0
    sock.rate, sock.recovery_ivl = rate, recovery
    sock.rcvtimeo = 15000
    if role == "pub":
        sock.connect(endpoint)
        publish(sock, count)
    else:
        sock.subscribe(b"")
        sock.bind(endpoint)
        print("ready", flush=True)
        subscribe(sock, count)


main()
