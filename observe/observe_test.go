package observe_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/go-zactor/zactor/auth"
	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/observe"
	"github.com/go-zactor/zactor/zmq"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func get(t *testing.T, path string) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	observe.Handler().ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w.Code, w.Body.String()
}

// messagesIn is how many messages the sockets of this process have received.
func messagesIn(t *testing.T) int {
	var v struct{ Zactor map[string]float64 }
	if _, body := get(t, "/vars"); json.Unmarshal([]byte(body), &v) != nil {
		t.Fatalf("/vars is no JSON: %s", body)
	}
	return int(v.Zactor["socket.messages.in"])
}

const secretText = "the content of a message"

// All forms show the sockets, with what went wrong, and neither keys nor messages.
func TestForms(t *testing.T) {
	ctx := ztest.Within(t)
	before := messagesIn(t)
	zctx := zmq.NewContext(ctx)
	defer zctx.Close()
	keys, err := cert.New()
	if err != nil {
		t.Fatal(err)
	}
	pull, _ := zmq.New(zctx, zmq.Pull, zmq.WithName("sink"), zmq.WithCurveServer(keys), zmq.WithAllowAnyKey(true))
	at, err := pull.Bind("tcp://127.0.0.1:*")
	if err != nil {
		t.Fatal(err)
	}
	push, _ := zmq.New(zctx, zmq.Push, zmq.WithName("source"), zmq.WithCurveClient(keys, keys.Public()))
	if err := push.Connect(at); err != nil {
		t.Fatal(err)
	}
	if err := push.SendString(ctx, secretText); err != nil {
		t.Fatal(err)
	}
	if _, err := pull.Recv(ctx); err != nil {
		t.Fatal(err)
	}
	for path, words := range map[string][]string{
		"/snapshot.json": {`"name":"sink"`, `"type":"PULL"`, `"role":"bound"`, at},
		"/snapshot.txt":  {`PULL "sink"`, "ready", "bound " + at, "mechanism CURVE"},
		"/vars":          {fmt.Sprintf(`"socket.messages.in":%d`, before+1)},
		"/":              {"<title>zactor</title>"},
	} {
		code, body := get(t, path)
		for _, word := range words {
			if code != http.StatusOK || !strings.Contains(body, word) {
				t.Errorf("%s: %d, no %q in\n%s", path, code, word, body)
			}
		}
		public := keys.Public()
		for _, secret := range []string{secretText, public} {
			if strings.Contains(body, secret) {
				t.Errorf("%s shows %q", path, secret)
			}
		}
	}
	var v struct{ Subjects []map[string]any }
	if _, body := get(t, "/snapshot.json"); json.Unmarshal([]byte(body), &v) != nil || len(v.Subjects) < 2 {
		t.Error("the snapshot is no JSON with both sockets")
	}
	if code, _ := get(t, "/other"); code != http.StatusNotFound {
		t.Errorf("another path: %d", code)
	}
}

// Health is about whether those who come are let in.
func TestHealth(t *testing.T) {
	zctx := zmq.NewContext(context.Background())
	defer zctx.Close()
	if code, body := get(t, "/healthz"); code != http.StatusOK || body != "ok\n" {
		t.Errorf("with nothing: %d %s", code, body)
	}
	keys, _ := cert.New()
	rep, _ := zmq.New(zctx, zmq.Rep, zmq.WithName("door"), zmq.WithCurveServer(keys))
	if _, err := rep.Bind("tcp://127.0.0.1:*"); err != nil {
		t.Fatal(err)
	}
	if code, body := get(t, "/healthz"); code != http.StatusServiceUnavailable || !strings.Contains(body, `REP "door": no authenticator`) {
		t.Errorf("without an authenticator: %d %s", code, body)
	}
	a, err := auth.New(zctx)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if code, body := get(t, "/healthz"); code != http.StatusOK {
		t.Errorf("with one: %d %s", code, body)
	}
}

// broken is a listener that the system gives nobody.
type broken struct {
	net.Listener
	mend chan struct{} // closed: it works again
}

func (b broken) Accept() (net.Conn, error) {
	select {
	case <-b.mend:
		return b.Listener.Accept()
	default:
		return nil, errors.New("too many open files")
	}
}

// A bound endpoint that accepts nobody is not healthy, until it does again.
func TestHealthOfAListener(t *testing.T) {
	zctx := zmq.NewContext(t.Context())
	defer zctx.Close()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := broken{inner, make(chan struct{})}
	pull, _ := zmq.New(zctx, zmq.Pull, zmq.WithName("deaf"))
	at := "tcp://" + inner.Addr().String()
	if _, err := pull.Bind(at, zmq.WithListener(l)); err != nil {
		t.Fatal(err)
	}
	await := func(want int, word string) {
		t.Helper()
		var body string
		ztest.Eventually(t, fmt.Sprint(want, " ", word), func() bool {
			code, page := get(t, "/healthz")
			body = fmt.Sprint(code, " ", page)
			return code == want && strings.Contains(page, word)
		}, &body)
	}
	await(http.StatusServiceUnavailable, `PULL "deaf": `+at+` accepts nobody: `)
	await(http.StatusServiceUnavailable, "too many open files")
	close(l.mend)
	push, _ := zmq.New(zctx, zmq.Push)
	if err := push.Connect(at); err != nil {
		t.Fatal(err)
	}
	await(http.StatusOK, "ok")
}

func TestServe(t *testing.T) {
	s, err := observe.Serve(context.Background(), "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for host, want := range map[string]int{"": 200, "localhost:1": 200, "[::1]:80": 200, "evil.example": 403, "127.0.0.1.evil.example": 403} {
		r, _ := http.NewRequest("GET", "http://"+s.Addr()+"/healthz", nil)
		if host != "" {
			r.Host = host
		}
		resp, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("Host %q: %d, want %d", host, resp.StatusCode, want)
		}
	}
	for _, addr := range []string{"0.0.0.0:0", "[::]:0", "192.0.2.1:80", "example.org:80", "nonsense", "*:80"} {
		if s, err := observe.Serve(context.Background(), addr); !errors.Is(err, observe.ErrAddress) {
			t.Errorf("%s: %v", addr, err)
			if err == nil {
				s.Close()
			}
		}
	}
}

func TestServeUnix(t *testing.T) {
	path := filepath.Join(t.TempDir(), "o.sock")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s, err := observe.Serve(ctx, "unix:"+path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the socket has mode %v (%v)", info.Mode(), err)
	}
	if _, err := observe.Serve(ctx, "unix:"+path); !errors.Is(err, observe.ErrAddress) {
		t.Errorf("a second server: %v", err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", path)
	}}}
	resp, err := client.Get("http://any/healthz")
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	if resp.StatusCode != 200 {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
	s.Close()
	s.Close()
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file is still there: %v", err)
	}
	file := filepath.Join(t.TempDir(), "file")
	_ = os.WriteFile(file, []byte("precious"), 0o600)
	if _, err := observe.Serve(ctx, "unix:"+file); !errors.Is(err, observe.ErrAddress) {
		t.Errorf("over a file: %v", err)
	}
}
