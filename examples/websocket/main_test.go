package main

import (
	"context"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/go-zactor/zactor/internal/ztest/proc"
)

func TestMain(m *testing.M) { proc.Main(m, main) }

// The test plays the browser: it gets the page, and does what the script in it does.
func TestWebsocket(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	p := proc.Start(t, "127.0.0.1:0")
	said := p.Expect(`open (http://\S+), messages at ws://127\.0\.0\.1:(\d+)`)
	origin, port := said[1], said[2]

	resp, err := http.Get(origin)
	if err != nil {
		t.Fatal(err)
	}
	page, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	if err != nil || !regexp.MustCompile(`new WebSocket\("ws://" \+ location\.hostname \+ ":" \+ "`+port+`", \["ZWS2\.0"\]\)`).Match(page) {
		t.Fatalf("the page, %v:\n%s", err, page)
	}

	c, _, err := websocket.Dial(ctx, "ws://127.0.0.1:"+port, &websocket.DialOptions{
		Subprotocols: []string{"ZWS2.0"}, HTTPHeader: http.Header{"Origin": {origin}},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseNow()
	for _, m := range []string{"\x00", "\x00\x01oslo"} {
		if err := c.Write(ctx, websocket.MessageBinary, []byte(m)); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"^\x00$", "^\x01oslo$", `^\x00\d+ degrees at [\d:]+$`, "^\x01oslo$", `^\x00\d+ degrees at [\d:]+$`}
	for i, w := range want {
		_, b, err := c.Read(ctx)
		if err != nil || !regexp.MustCompile(w).Match(b) {
			t.Fatalf("message %d is %q, %v; want %s", i, b, err, strings.TrimSpace(w))
		}
	}
}
