package main

import (
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/proc"
)

func TestMain(m *testing.M) { proc.Main(m, main) }

func get(t *testing.T, address string) string {
	t.Helper()
	r, err := http.Get("http://" + address)
	if err != nil {
		t.Fatal(err)
	}
	defer http.DefaultClient.CloseIdleConnections()
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// The program as it is run by hand.
func TestAlone(t *testing.T) {
	p := proc.Start(t, "127.0.0.1:0")
	at := p.Expect(`listening on (\S+)`)[1]
	for n := range 3 {
		if got := get(t, at); got != fmt.Sprintf("visit %d\n", n+1) {
			t.Errorf("visit %d: %q", n+1, got)
		}
	}
	p.Interrupt()
}
