package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/zmq"
	"github.com/go-zactor/zactor/zmqtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Who is known is served, who is not is refused, those who run it see both, and the signal
// ends it without an error.
func TestOrders(t *testing.T) { operate(t, t.Context()) }

// The same program over a network in memory.
func TestInMemory(t *testing.T) {
	network := zmqtest.NewNetwork(zmqtest.Seed(t), zmqtest.Faults{Slice: 50})
	zctx := zmq.NewContext(t.Context(), zmq.WithNetwork(network))
	defer zctx.Close()
	operate(t, zctx)
	if len(network.Dials()) < 2 {
		t.Errorf("%d dials", len(network.Dials()))
	}
}

func operate(t *testing.T, base context.Context) {
	keys := t.TempDir()
	made := func(name string) *cert.Cert {
		k, err := cert.New()
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(k.SetMeta("name", name), k.Save(filepath.Join(keys, name))); err != nil {
			t.Fatal(err)
		}
		return k
	}
	server, ada, eve := made("server"), made("ada"), made("eve")
	if err := errors.Join(os.Mkdir(filepath.Join(keys, "clients"), 0o700), ada.SavePublic(filepath.Join(keys, "clients", "ada"))); err != nil {
		t.Fatal(err)
	}
	ctx, signal := context.WithCancel(base)
	ready, ended := make(chan [2]string, 1), make(chan error, 1)
	go func() {
		ended <- run(ctx, config{"tcp://127.0.0.1:*", "127.0.0.1:0", keys, slog.New(slog.DiscardHandler),
			func(endpoint, admin string) { ready <- [2]string{endpoint, admin} }})
	}()
	var at [2]string
	select {
	case at = <-ready:
	case err := <-ended:
		t.Fatal(err)
	}

	ask := func(who *cert.Cert) (string, error) {
		req, err := zmq.NewReq(base, zmq.WithCurveClient(who, server.Public()), zmq.WithLinger(0))
		if err != nil {
			return "", err
		}
		defer req.Close()
		if err := errors.Join(req.Connect(at[0]), req.SendString(base, "tea")); err != nil {
			return "", err
		}
		return req.RecvString(base)
	}
	if got, err := ask(ada); err != nil || got != "order 1: tea, thank you" {
		t.Errorf("ada: %q, %v", got, err)
	}
	if got, err := ask(eve); !errors.Is(err, zmq.ErrAuth) {
		t.Errorf("eve: %q, %v", got, err)
	}
	for path, want := range map[string]string{"/healthz": "ok", "/metrics": `socket="orders"`} {
		if got := get(t, "http://"+at[1]+path); !strings.Contains(got, want) {
			t.Errorf("%s: %.300s", path, got)
		}
	}
	signal()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func get(t *testing.T, url string) string {
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	r, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
