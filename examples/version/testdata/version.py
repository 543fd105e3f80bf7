"""A libzmq that can be asked for its protocol: it listens at an address."""

import sys
import time

import zmq

rep = zmq.Context().socket(zmq.REP)
rep.bind("tcp://" + sys.argv[1])
print("libzmq", zmq.zmq_version())
time.sleep(60)
