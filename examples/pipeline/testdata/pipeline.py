"""Pipeline on libzmq: the other side of the interop test."""

import argparse
import random
import time

import zmq
from zmq.utils.monitor import recv_monitor_message


def ventilator(context, a):
    tasks, start = context.socket(zmq.PUSH), context.socket(zmq.PUSH)
    events = tasks.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED)
    tasks.bind(a.tasks)
    start.connect(a.sink)
    for _ in range(a.workers):
        recv_monitor_message(events)
    tasks.disable_monitor()
    start.send(b"0")
    costs = [random.randint(1, a.longest) for _ in range(a.n)]
    for cost in costs:
        tasks.send_string(str(cost))
    print("expected cost:", sum(costs), "ms")


def worker(context, a):
    tasks, results = context.socket(zmq.PULL), context.socket(zmq.PUSH)
    tasks.connect(a.tasks)
    results.connect(a.sink)
    while True:
        time.sleep(int(tasks.recv()) / 1000)
        results.send(b"done")


def sink(context, a):
    results = context.socket(zmq.PULL)
    results.bind(a.sink)
    results.recv()
    started = time.monotonic()
    for _ in range(a.n):
        results.recv()
    print("elapsed:", int(1000 * (time.monotonic() - started)), "ms")


args = argparse.ArgumentParser()
args.add_argument("-n", type=int, default=100)
args.add_argument("-longest", type=int)
args.add_argument("-workers", type=int)
args.add_argument("-tasks")
args.add_argument("-sink")
args.add_argument("role", choices=["ventilator", "worker", "sink"])
a = args.parse_args()
context = zmq.Context()
globals()[a.role](context, a)
context.term()  # waits until all has been sent
