package beacon_test

import (
	"context"
	"testing"
	"time"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/beacon/internal/contract"
)

func TestUDPIsADiscoverer(t *testing.T) {
	t.Parallel()
	port := beacon.Loopback(t)
	contract.Test(t, "udp", func(ctx context.Context) (beacon.Discoverer, error) {
		return beacon.NewUDP(ctx, nil, beacon.WithLoopback(true), beacon.WithPort(port), beacon.WithInterval(20*time.Millisecond))
	})
}
