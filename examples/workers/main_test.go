package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/go-zactor/zactor/actor/actortest"
	"github.com/go-zactor/zactor/internal/ztest/proc"
)

func TestMain(m *testing.M) { proc.Main(m, main) }

func get(t *testing.T, client *http.Client, url string) string {
	t.Helper()
	r, err := client.Get(url)
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

// The program as it is run, to Ctrl-C; what it does is to be seen from outside.
func TestWorkers(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "observe")
	t.Setenv("ZACTOR_OBSERVE", "unix:"+socket)
	p := proc.Start(t, "-http", "127.0.0.1:0")
	at := "http://" + p.Expect(`listening on (\S+)`)[1]
	for n, want := range map[string]string{"91": "7", "97": "97", "2": "2", "x": "n must be a number"} {
		if got := get(t, http.DefaultClient, at+"/?n="+n); got != want {
			t.Errorf("%s: %s, want %s", n, got, want)
		}
	}
	for range 5 { // of four workers
		if got := get(t, http.DefaultClient, at+"/?n=1"); !strings.Contains(got, "1 has no factors") {
			t.Errorf("a worker that panics: %s", got)
		}
	}
	if got := get(t, http.DefaultClient, at+"/?n=15"); got != "3" {
		t.Errorf("after the panics: %s", got)
	}
	outside := http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(context.Context, string, string) (net.Conn, error) {
		return net.Dial("unix", socket)
	}}}
	if seen := get(t, &outside, "http://localhost/snapshot.txt"); !strings.Contains(seen, `actor "workers/1"`) || !strings.Contains(seen, "1 has no factors") {
		t.Errorf("observed:\n%s", seen)
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
