package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/examples/internal/play"
	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/zmqtest"
)

func TestMain(m *testing.M) { proc.Main(m, main) }

// patience is when a test gives up.
const patience = time.Minute

func TestStream(t *testing.T) {
	endpoint := proc.TCP(t, 1)[0]
	server := proc.Start(t, "http", endpoint)
	server.Expect("listening at " + endpoint)
	address := strings.TrimPrefix(endpoint, "tcp://")
	for i, path := range []string{"/", "/a?b=<c>", "/"} {
		got := get(t, "http://"+address+path)
		want := fmt.Sprintf("This is visit %d of ", 1+i/2)
		if !strings.Contains(got, want) || strings.Contains(got, "<c>") {
			t.Errorf("%s: %q", path, got)
		}
	}
	server.Expect("visit 2 of /")
	pieces(t, address)
	server.Interrupt()
}

func get(t *testing.T, url string) string {
	t.Helper()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	r, err := (&http.Client{Transport: transport, Timeout: patience}).Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != 200 || r.Header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Fatalf("%s, %v", r.Status, err)
	}
	return string(body)
}

// A request that comes byte by byte is answered as well, and nonsense is refused.
func pieces(t *testing.T, address string) {
	t.Helper()
	for request, status := range map[string]string{
		"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n": "200", "POST / HTTP/1.1\r\n\r\n": "400", "\r\n\r\n": "400",
	} {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		_ = c.SetDeadline(time.Now().Add(patience))
		for i := range len(request) {
			if _, err := c.Write([]byte{request[i]}); err != nil {
				t.Fatal(err)
			}
		}
		got, err := io.ReadAll(c)
		if err != nil || !strings.HasPrefix(string(got), "HTTP/1.1 "+status) {
			t.Errorf("%q: %q, %v", request, got, err)
		}
		c.Close()
	}
}

// The same program over a network in memory.
func TestInMemory(t *testing.T) {
	const at = "tcp://10.0.0.1:8080"
	play.On(t, zmqtest.Faults{Delay: 2 * time.Millisecond, Slice: 1}, func(s *play.Stage) {
		server := s.Start(run, "http", at)
		server.Expect("listening at " + at)
		c, err := s.Dial(t.Context(), at)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		fmt.Fprint(c, "GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
		r, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil || r.StatusCode != 200 {
			t.Fatalf("%v, %v", r, err)
		}
		if body, err := io.ReadAll(r.Body); err != nil || !strings.Contains(string(body), "visit 1 of /a") {
			t.Errorf("%q, %v", body, err)
		}
	})
}
