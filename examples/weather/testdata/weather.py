"""Weather on libzmq: the other side of the interop test."""

import argparse
import random

import zmq


def server(context, endpoints, zips):
    pub = context.socket(zmq.PUB)
    for e in endpoints:
        pub.bind(e)
        print("the weather is at", e)
    while True:
        place = (10001 + random.randrange(zips)) % 100_000
        pub.send_string(f"{place:05} {random.randint(-80, 134)} {random.randint(10, 59)}")


def client(context, endpoint, place, n):
    sub = context.socket(zmq.SUB)
    sub.setsockopt_string(zmq.SUBSCRIBE, f"{place:05} ")
    sub.connect(endpoint)
    total = 0
    for i in range(n):
        total += int(sub.recv_string().split()[1])
        if i == n // 2:
            print("half of the updates are there")
    print(f"average temperature of {place:05} in {n} updates: {total // n} F")


args = argparse.ArgumentParser()
args.add_argument("-zip", type=int, default=10001)
args.add_argument("-n", type=int, default=100)
args.add_argument("-zips", type=int, default=100_000)
args.add_argument("role")
args.add_argument("endpoints", nargs="+")
a = args.parse_args()
context = zmq.Context()
if a.role == "server":
    server(context, a.endpoints, a.zips)
client(context, a.endpoints[0], a.zip, a.n)
