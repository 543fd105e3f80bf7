package wshttp_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"go.uber.org/goleak"

	"github.com/go-zactor/zactor/zmq"
	"github.com/go-zactor/zactor/zmq/wshttp"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve makes a PUB that an HTTP server carries.
func serve(t *testing.T, tls bool) (context.Context, *zmq.Socket, *wshttp.Handler, *httptest.Server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	pub, err := zmq.NewPub(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pub.Close() })
	h, err := wshttp.New(pub)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/live", h)
	server := httptest.NewUnstartedServer(mux)
	if tls {
		server.StartTLS()
	} else {
		server.Start()
	}
	t.Cleanup(server.Close)
	return ctx, pub, h, server
}

// A browser and a socket of ours come through one handler, with TLS and without.
func TestHandler(t *testing.T) {
	for _, tls := range []bool{false, true} {
		ctx, pub, h, server := serve(t, tls)
		url := strings.Replace(server.URL, "http", "ws", 1) + "/live"
		c, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{Subprotocols: []string{"ZWS2.0"}, HTTPClient: server.Client(),
			HTTPHeader: http.Header{"Cookie": {strings.Repeat("x", 20000)}, "Origin": {server.URL}}})
		if err != nil {
			t.Fatal(err)
		}
		defer c.CloseNow()
		for _, m := range []string{"\x00", "\x00\x01a"} {
			if err := c.Write(ctx, websocket.MessageBinary, []byte(m)); err != nil {
				t.Fatal(err)
			}
		}
		sub, err := zmq.NewSub(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer sub.Close()
		if err := sub.Subscribe("a"); err != nil {
			t.Fatal(err)
		}
		if tls {
			err = sub.Connect(url, zmq.WithTLSConfig(server.Client().Transport.(*http.Transport).TLSClientConfig))
		} else {
			err = sub.Connect(url)
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := pub.WaitSubscribers(ctx, "a", 2); err != nil {
			t.Fatal(err)
		}
		if err := pub.SendString(ctx, "a", "news"); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"\x00", "\x01a", "\x00news"} {
			if _, b, err := c.Read(ctx); err != nil || string(b) != want {
				t.Errorf("got %q, %v, want %q", b, err, want)
			}
		}
		if m, err := sub.Recv(ctx); err != nil || m.PopString() != "a" || m.PopString() != "news" {
			t.Errorf("got %v, %v", m, err)
		}
		for _, p := range pub.Peers() {
			if p.Endpoint != h.Endpoint() {
				t.Errorf("a peer of %q, want %q", p.Endpoint, h.Endpoint())
			}
		}
		sub.Close()
		if err := h.Close(); err != nil {
			t.Error(err)
		}
		if _, _, err := c.Read(ctx); websocket.CloseStatus(err) != websocket.StatusNormalClosure {
			t.Errorf("after Close: %v", err)
		}
	}
}

// What is no WebSocket gets an answer of HTTP.
func TestHandlerRefuses(t *testing.T) {
	_, pub, h, server := serve(t, false)
	status := func(fields ...string) int {
		t.Helper()
		r, err := http.NewRequest("GET", server.URL+"/live", nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(fields); i += 2 {
			r.Header.Set(fields[i], fields[i+1])
		}
		resp, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp.StatusCode
	}
	upgrade := []string{"Upgrade", "websocket", "Connection", "Upgrade", "Sec-WebSocket-Version", "13", "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}
	if got := status(); got != http.StatusUpgradeRequired {
		t.Errorf("a page: %d", got)
	}
	if got := status(upgrade...); got != http.StatusBadRequest {
		t.Errorf("no subprotocol: %d", got)
	}
	if got := status(append(upgrade, "Sec-WebSocket-Protocol", "ZWS2.0", "Origin", "https://foe.example")...); got != http.StatusForbidden {
		t.Errorf("a foreign page: %d", got)
	}
	pub.Close()
	if got := status(upgrade...); got != http.StatusServiceUnavailable {
		t.Errorf("a closed socket: %d", got)
	}
	if err := h.Close(); err == nil {
		t.Error("closed twice, and no error")
	}
}
