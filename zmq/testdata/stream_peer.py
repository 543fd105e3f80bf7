"""libzmq's STREAM for stream_interop_test.go.

bind              listens, says where, echoes each piece in capitals, ends the
                  connection after "quit", and says what it has seen
connect ENDPOINT  sends two lines, says what comes back until the other side ends the
                  connection
"""

import sys

import zmq

ctx = zmq.Context()
sock = ctx.socket(zmq.STREAM)
sock.linger = 0
sock.sndtimeo = sock.rcvtimeo = 20000


def say(*words):
    print(*words, flush=True)


if sys.argv[1] == "bind":
    sock.bind("tcp://127.0.0.1:*")
    say(sock.last_endpoint.rstrip(b"\0").decode())
    who, notice = sock.recv_multipart()
    say("came", len(who), notice == b"")
    seen = b""
    while not seen.endswith(b"quit"):
        again, piece = sock.recv_multipart()
        assert again == who
        seen += piece
        sock.send_multipart([who, piece.upper()])
    sock.send_multipart([who, b""])
    sock.poll(500)  # libzmq ends a connection only while it is being used
    say("saw", len(seen))
else:
    sock.connect(sys.argv[2])
    who = sock.routing_id
    sock.send_multipart([who, b"first "])
    sock.send_multipart([who, b"second"])
    again, notice = sock.recv_multipart()
    say("came", again == who, notice == b"")
    got = b""
    while True:
        again, piece = sock.recv_multipart()
        if not piece:
            break
        got += piece
    say("got", got.decode())
