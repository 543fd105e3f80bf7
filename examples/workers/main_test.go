package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/actor/actortest"
	"github.com/go-zactor/zactor/internal/ztest/proc"
)

func TestMain(m *testing.M) { proc.Main(m, main) }

func get(t *testing.T, url string) string {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(body))
}

// The program as it is run, to Ctrl-C.
func TestWorkers(t *testing.T) {
	p := proc.Start(t, "127.0.0.1:0")
	at := "http://" + p.Expect(`listening on (\S+)`)[1]
	for n, want := range map[string]string{"91": "7", "97": "97", "2": "2", "x": "n must be a number"} {
		if got := get(t, at+"/?n="+n); got != want {
			t.Errorf("%s: %s, want %s", n, got, want)
		}
	}
	for range 5 { // of four workers
		if got := get(t, at+"/?n=1"); !strings.Contains(got, "1 has no factors") {
			t.Errorf("a worker that panics: %s", got)
		}
	}
	if got := get(t, at+"/?n=15"); got != "3" {
		t.Errorf("after the panics: %s", got)
	}
	http.DefaultClient.CloseIdleConnections()
	p.Interrupt()
}

// The handler alone, with a probe in the place of the pool.
func TestHandler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool := actortest.NewProbe[*Factor](t)
		w, done := httptest.NewRecorder(), make(chan bool)
		go func() {
			handler(pool.Ref)(w, httptest.NewRequest("GET", "/?n=91", nil))
			close(done)
		}()
		q := pool.Next()
		if q.N != 91 {
			t.Errorf("asked for %d", q.N)
		}
		_ = q.Reply(7)
		<-done
		if w.Body.String() != "7\n" {
			t.Errorf("answered %q", w.Body)
		}
		w = httptest.NewRecorder()
		handler(pool.Ref)(w, httptest.NewRequest("GET", "/?n=91", nil)) // nobody answers
		if q = pool.Next(); w.Code != 503 || q.Context().Err() == nil {
			t.Errorf("without an answer: %d", w.Code)
		}
	})
}

// What waits survives the death of a worker.
func TestWorkerDies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		actortest.NoLeaks(t)
		sup, err := actor.NewSupervisor(actor.OneForOne)
		if err != nil {
			t.Fatal(err)
		}
		go sup.Run(context.Background())
		defer sup.Close()
		pool, _ := actor.Pool(sup, "p", 1, actor.Shared[*Factor](), worker)
		actortest.Kill(pool)
		if f, err := actor.Ask(t.Context(), pool, &Factor{N: 35}); f != 5 || err != nil {
			t.Errorf("Ask = %d, %v", f, err)
		}
	})
}
