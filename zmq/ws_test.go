package zmq_test

import (
	"testing"

	"github.com/go-zactor/zactor/zmq"
)

func TestWSBasic(t *testing.T) {
	k := alone(t, "ws")
	pull := k.open(zmq.Pull)
	ep, err := pull.Bind("ws://127.0.0.1:*/x")
	k.ok(err)
	t.Log(ep)
	push := k.open(zmq.Push)
	k.ok(push.Connect(ep))
	for range 3 {
		k.ok(push.SendString(k.ctx, "a", "", "hello"))
	}
	for range 3 {
		m, err := pull.Recv(k.ctx)
		k.ok(err)
		t.Log(m)
	}
}
