"""Helpers on libzmq: pyzmq's methods, the other side of the interop test."""

import sys

import zmq

context = zmq.Context()
role, endpoint = sys.argv[1:]
if role == "send":
    s = context.socket(zmq.PUSH)
    s.connect(endpoint)
    s.send_string("grüezi")
    s.send_json({"name": "Bern", "people": 134_794})
    s.send_multipart([b"one", b"", b"three"])
else:
    s = context.socket(zmq.PULL)
    s.bind(endpoint)
    print("string:", s.recv_string())
    c = s.recv_json()
    print("JSON:", c["name"], c["people"])
    print("parts: [" + " ".join(f'"{part.decode()}"' for part in s.recv_multipart()) + "]")
s.close()
context.term()  # waits until all has been sent
