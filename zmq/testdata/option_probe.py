"""Sets each option of each case on a fresh socket of libzmq, or a context, and reads it.

Cases come as a JSON list on stdin: where ("socket" or "context"), type, option (numbers),
and value: null (the default is read), "null" (a null pointer of no bytes), or hex. The
answers go as a JSON list to stdout: set and get, each with the name of an error, and read,
the bytes in hex. The functions are called as C does, so that a size can be
wrong; libzmq's own checks answer, not those of a binding.
"""

import ctypes
import ctypes.util
import errno
import json
import sys

lib = ctypes.CDLL(ctypes.util.find_library("zmq"), use_errno=True)
for name in ("zmq_ctx_new", "zmq_socket"):
    getattr(lib, name).restype = ctypes.c_void_p
P, S, I = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int
lib.zmq_socket.argtypes = [P, I]
lib.zmq_close.argtypes = lib.zmq_ctx_term.argtypes = [P]
lib.zmq_setsockopt.argtypes = [P, I, P, S]
lib.zmq_getsockopt.argtypes = [P, I, P, ctypes.POINTER(S)]
lib.zmq_ctx_set.argtypes = [P, I, I]
lib.zmq_ctx_get.argtypes = [P, I]


def failed():
    n = ctypes.get_errno()
    return errno.errorcode.get(n, str(n))


def probe(case, s):
    answer = {"set": "", "get": "", "read": ""}
    value = case["value"]
    if value is not None:
        data = b"" if value == "null" else bytes.fromhex(value)
        buf = None if value == "null" else ctypes.create_string_buffer(data, len(data) + 1)
        if lib.zmq_setsockopt(s, case["option"], buf, len(data)) != 0:
            answer["set"] = failed()
            return answer
    out, size = ctypes.create_string_buffer(4096), S(case["room"])
    if lib.zmq_getsockopt(s, case["option"], out, ctypes.byref(size)) != 0:
        answer["get"] = failed()
    else:
        answer["read"] = out.raw[: size.value].hex()
    return answer


def probe_context(case, ctx):
    answer = {"set": "", "get": "", "read": ""}
    if case["value"] is not None:
        n = int.from_bytes(bytes.fromhex(case["value"]), "little", signed=True)
        if lib.zmq_ctx_set(ctx, case["option"], n) != 0:
            answer["set"] = failed()
            return answer
    n = lib.zmq_ctx_get(ctx, case["option"])
    if n < 0 and ctypes.get_errno() == errno.EINVAL:
        answer["get"] = failed()
    else:
        answer["read"] = n.to_bytes(4, "little", signed=True).hex()
    return answer


shared = lib.zmq_ctx_new()
answers = []
for case in json.load(sys.stdin):
    ctypes.set_errno(0)
    if case["where"] == "context":
        ctx = lib.zmq_ctx_new()
        answers.append(probe_context(case, ctx))
        lib.zmq_ctx_term(ctx)
    else:
        s = lib.zmq_socket(shared, case["type"])
        answers.append(probe(case, s))
        lib.zmq_close(s)
json.dump(answers, sys.stdout)
