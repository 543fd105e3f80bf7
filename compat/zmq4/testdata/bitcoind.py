"""A node's publisher on libzmq, as bitcoind's zmqpubrawblock and zmqpubhashtx are.

usage: bitcoind.py ENDPOINT
It publishes until it is killed: [topic, body, sequence number in 4 bytes little endian],
a number for each topic, from 0.
"""
import hashlib
import struct
import sys
import time

import zmq

ctx = zmq.Context()
pub = ctx.socket(zmq.PUB)
pub.linger = 0
pub.bind(sys.argv[1])
print("up", flush=True)
n = 0
while True:
    number = struct.pack("<I", n)
    tx = hashlib.sha256(number).digest()
    pub.send_multipart([b"hashtx", tx, number])
    pub.send_multipart([b"hashblock", tx, number])  # nobody asks for it
    pub.send_multipart([b"rawblock", number * (50000 + n % 7), number])
    n += 1
    time.sleep(0.002)
