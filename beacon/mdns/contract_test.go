package mdns

import (
	"context"
	"testing"

	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/beacon/internal/contract"
)

func TestMDNSIsADiscoverer(t *testing.T) {
	t.Parallel()
	opts := mdnsLoopback(t)
	contract.Test(t, "mdns", func(ctx context.Context) (beacon.Discoverer, error) {
		return New(ctx, "_zre._tcp", opts...)
	})
}
