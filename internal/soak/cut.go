package main

import (
	"math/rand/v2"
	"strings"
	"sync/atomic"

	"github.com/go-zactor/zactor/internal/ztest/fault"
)

// relay is a way to an endpoint that can be cut.
type relay struct {
	*fault.Proxy
	cuts atomic.Uint64
}

// newRelay listens beside a bound endpoint, and says by what endpoint it is reached.
func newRelay(bound, dir string) (*relay, string, error) {
	scheme, target, _ := strings.Cut(bound, "://")
	network, at := "tcp", "127.0.0.1:0"
	if scheme == "ipc" {
		network, at = "unix", dir
	}
	p, err := fault.New(network, strings.TrimSuffix(target, "/"), at)
	if err != nil {
		return nil, "", err
	}
	return &relay{Proxy: p}, scheme + "://" + p.Address(), nil
}

// cut ends all connections, in order or by a reset.
func (r *relay) cut() {
	r.cuts.Add(1)
	r.Break(rand.IntN(2) == 0)
}
