//go:build libzmq

package main

/*
#cgo LDFLAGS: -lzmq
#include <stdlib.h>
#include <zmq.h>
*/
import "C"

import (
	"fmt"
	"syscall"
	"unsafe"
)

type kind C.int

const (
	push kind = C.ZMQ_PUSH
	pull kind = C.ZMQ_PULL
	req  kind = C.ZMQ_REQ
	rep  kind = C.ZMQ_REP
)

type context struct{ p unsafe.Pointer }

func newContext() context { return context{C.zmq_ctx_new()} }

func (c context) term() { C.zmq_ctx_term(c.p) }

func (c context) bind(k kind, endpoint string) (socket, error) {
	return c.open(k, endpoint, func(s socket, e *C.char) error {
		if rc, err := C.zmq_bind(s.p, e); rc != 0 {
			return err
		}
		return nil
	})
}

func (c context) connect(k kind, endpoint string) (socket, error) {
	return c.open(k, endpoint, func(s socket, e *C.char) error {
		if rc, err := C.zmq_connect(s.p, e); rc != 0 {
			return err
		}
		return nil
	})
}

func (c context) open(k kind, endpoint string, attach func(socket, *C.char) error) (socket, error) {
	p, err := C.zmq_socket(c.p, C.int(k))
	if p == nil {
		return socket{}, err
	}
	s := socket{p}
	e := C.CString(endpoint)
	defer C.free(unsafe.Pointer(e))
	if err := attach(s, e); err != nil {
		s.close()
		return socket{}, fmt.Errorf("%s: %w", endpoint, err)
	}
	return s, nil
}

// socket belongs to one goroutine at a time, as libzmq's do to one thread.
type socket struct{ p unsafe.Pointer }

func (s socket) close() { C.zmq_close(s.p) }

func (s socket) endpoint() string {
	var buf [256]C.char
	n := C.size_t(len(buf))
	C.zmq_getsockopt(s.p, C.ZMQ_LAST_ENDPOINT, unsafe.Pointer(&buf[0]), &n)
	return C.GoString(&buf[0])
}

// send copies b into a message. The runtime's signals interrupt calls into C, so
// an interrupted one is made again.
func (s socket) send(b []byte) error {
	for {
		rc, err := C.zmq_send(s.p, unsafe.Pointer(unsafe.SliceData(b)), C.size_t(len(b)), 0)
		if rc >= 0 {
			return nil
		}
		if err != syscall.EINTR {
			return err
		}
	}
}

// recv copies the next message out.
func (s socket) recv() ([]byte, error) {
	var m C.zmq_msg_t
	C.zmq_msg_init(&m)
	defer C.zmq_msg_close(&m)
	for {
		rc, err := C.zmq_msg_recv(&m, s.p, 0)
		if rc >= 0 {
			return C.GoBytes(C.zmq_msg_data(&m), C.int(C.zmq_msg_size(&m))), nil
		}
		if err != syscall.EINTR {
			return nil, err
		}
	}
}
