package main

import (
	"context"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
)

// The soak itself works: for a moment here, and for ten minutes at full size.
func TestSoak(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Duration(ztest.Size(2, 600))*time.Second)
	defer cancel()
	if err := run(ctx, 1); err != nil {
		t.Fatal(err)
	}
}
