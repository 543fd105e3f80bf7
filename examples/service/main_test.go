package main

import (
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest/proc"
)

func TestMain(m *testing.M) { proc.Main(m, main) }

// get returns the page, or why there is none.
func get(address string) string {
	client := http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	r, err := client.Get("http://" + address)
	if err != nil {
		return err.Error()
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err.Error()
	}
	return string(body)
}

// The program as it is run by hand.
func TestAlone(t *testing.T) {
	p := proc.Start(t, "127.0.0.1:0")
	at := p.Expect(`listening on (\S+)`)[1]
	for n := range 3 {
		if got := get(at); got != fmt.Sprintf("visit %d\n", n+1) {
			t.Errorf("visit %d: %q", n+1, got)
		}
	}
	p.Interrupt()
}
