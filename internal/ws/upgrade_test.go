package ws

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/go-zactor/zactor/internal/wire"
)

const exampleKey = "dGhlIHNhbXBsZSBub25jZQ==" // of RFC 6455, section 1.3

// request is one of a client, with fields changed; an empty value leaves a field out.
func requestText(line string, change ...string) string {
	fields := []string{"Host", "127.0.0.1:80", "Upgrade", "websocket", "Connection", "keep-alive, Upgrade",
		"Sec-WebSocket-Key", exampleKey, "Sec-WebSocket-Version", "13", "Sec-WebSocket-Protocol", "ZWS2.0"}
	fields = append(fields, change...)
	said := map[string]string{}
	var order []string
	for i := 0; i < len(fields); i += 2 {
		if _, ok := said[fields[i]]; !ok {
			order = append(order, fields[i])
		}
		said[fields[i]] = fields[i+1]
	}
	b := line + "\r\n"
	for _, name := range order {
		if said[name] != "" {
			b += name + ": " + said[name] + "\r\n"
		}
	}
	return b + "\r\n"
}

// serve sends a request to a server and returns what it answers and how it ends.
func serve(t *testing.T, s Settings, request string) (answer string, err error) {
	t.Helper()
	client, server := wired(t)
	done := make(chan error, 1)
	go func() {
		c := Server(server, s)
		_, err := c.Read(make([]byte, 1024))
		_ = c.CloseWrite()
		_, _ = io.CopyN(io.Discard, server, 1<<20) // so that nothing unread resets it
		_ = c.Close()
		done <- err
	}()
	_, _ = io.WriteString(client, request)
	_ = client.(*net.TCPConn).CloseWrite()
	b, rerr := io.ReadAll(client)
	if rerr != nil {
		t.Fatal(rerr)
	}
	return string(b), <-done
}

// The bytes of a server's side: the answer that RFC 6455 computes, and then nothing
// but frames.
func TestUpgradeGolden(t *testing.T) {
	answer, err := serve(t, Settings{Mechanism: "NULL"}, requestText("GET / HTTP/1.1"))
	const want = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: ZWS2.0\r\n\r\n\x88\x02\x03\xe8"
	if err != nil || answer != want {
		t.Errorf("%q, %v\nwant %q", answer, err, want)
	}
}

// A client asks in just these words: libzmq 4.3.4 does not understand others.
func TestRequestGolden(t *testing.T) {
	client, server := wired(t)
	c := Client(client, Settings{Mechanism: "NULL", Host: "h:80", Path: "/p"})
	done := make(chan error, 1)
	go func() { _, err := c.Write([]byte{0xFF}); done <- err }()
	h, rest, err := readHead(server, "GET ")
	if err != nil || len(rest) > 0 {
		t.Fatal(err, rest)
	}
	want := map[string]string{"Host": "h:80", "Upgrade": "websocket", "Connection": "Upgrade", "Sec-Websocket-Version": "13", "Sec-Websocket-Protocol": "ZWS2.0/NULL,ZWS2.0"}
	for name, value := range want {
		if got := h.fields[name]; len(got) != 1 || got[0] != value {
			t.Errorf("%s: %q, want %q", name, got, value)
		}
	}
	if h.line != "GET /p HTTP/1.1" || len(h.fields) != len(want)+1 {
		t.Errorf("%q with %v", h.line, h.fields)
	}
	server.Close()
	if err := <-done; !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a server that leaves: %v", err)
	}
}

func TestRefusedRequests(t *testing.T) {
	get := "GET / HTTP/1.1"
	for _, c := range []struct {
		name     string
		settings Settings
		request  string
		status   string
		says     string
	}{
		{"greeting of ZMTP", Settings{}, "\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f\x03", "400", `began with "\xff`},
		{"POST", Settings{}, requestText("POST / HTTP/1.1"), "400", "GET"},
		{"HTTP/1.0", Settings{}, requestText("GET / HTTP/1.0"), "505", "HTTP/1.0"},
		{"HTTP/2", Settings{}, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "400", "GET"},
		{"no upgrade", Settings{}, requestText(get, "Upgrade", ""), "426", "upgrade"},
		{"no connection", Settings{}, requestText(get, "Connection", "keep-alive"), "426", "upgrade"},
		{"old version", Settings{}, requestText(get, "Sec-WebSocket-Version", "8"), "426", `"8"`},
		{"short key", Settings{}, requestText(get, "Sec-WebSocket-Key", "AAAA"), "400", "AAAA"},
		{"no key", Settings{}, requestText(get, "Sec-WebSocket-Key", ""), "400", "Key"},
		{"a body", Settings{}, requestText(get, "Content-Length", "5"), "400", "body"},
		{"chunks", Settings{}, requestText(get, "Transfer-Encoding", "chunked"), "400", "body"},
		{"no subprotocol", Settings{}, requestText(get, "Sec-WebSocket-Protocol", ""), "400", "ZWS2.0/NULL"},
		{"another subprotocol", Settings{}, requestText(get, "Sec-WebSocket-Protocol", "mqtt, ZWS1.0"), "400", "mqtt"},
		{"another mechanism", Settings{Mechanism: "CURVE", Secure: true}, requestText(get, "Sec-WebSocket-Protocol", "ZWS2.0/NULL,ZWS2.0"), "400", "ZWS2.0/CURVE"},
		{"a downgrade", Settings{Secure: true}, requestText(get), "400", "ZWS2.0/NULL"},
		{"another path", Settings{Path: "/a"}, requestText("GET /b HTTP/1.1"), "404", `"/b"`},
		{"a foreign page", Settings{}, requestText(get, "Origin", "https://evil.example"), "403", "evil.example"},
		{"a page without a host", Settings{}, requestText(get, "Origin", "null"), "403", "null"},
		{"a page of another pattern", Settings{Origins: []string{"*.good.example"}}, requestText(get, "Origin", "https://good.example.evil"), "403", "evil"},
		{"a page that has its name lead here", Settings{}, requestText(get, "Origin", "http://evil.example", "Host", "evil.example:5555"), "403", "WithWSHosts"},
		{"the same beside other names", Settings{Hosts: []string{"*.good.example"}, Host: "good.example"}, requestText(get, "Origin", "http://evil.example", "Host", "evil.example"), "403", "evil.example"},
		{"a name that begins as an address", Settings{}, requestText(get, "Origin", "http://127.0.0.1.evil.example", "Host", "127.0.0.1.evil.example"), "403", "WithWSHosts"},
		{"a page of the name at another host", Settings{Hosts: []string{"good.example"}}, requestText(get, "Origin", "http://evil.example", "Host", "good.example"), "403", "evil.example"},
		{"long fields", Settings{}, requestText(get, "X", strings.Repeat("x", maxHead)), "431", "8192"},
		{"endless", Settings{}, "GET " + strings.Repeat("x", 2*maxHead), "431", "8192"},
		{"no fields", Settings{}, "GET / HTTP/1.1\r\nnonsense\r\n\r\n", "400", "header"},
	} {
		if c.settings.Mechanism == "" {
			c.settings.Mechanism = "NULL"
		}
		answer, err := serve(t, c.settings, c.request)
		var proto *wire.ProtocolError
		if !errors.As(err, &proto) || proto.Code != wire.CodeWebSocket || !strings.Contains(proto.Reason, c.says) {
			t.Errorf("%s: %v, want %q", c.name, err, c.says)
		}
		if !strings.HasPrefix(answer, "HTTP/1.1 "+c.status+" ") || !strings.Contains(answer, "Connection: close") {
			t.Errorf("%s: answered %q, want %s", c.name, answer, c.status)
		}
	}
}

func TestAcceptedRequests(t *testing.T) {
	for _, c := range []struct {
		name     string
		settings Settings
		request  string
	}{
		{"any path", Settings{}, requestText("GET /any?x=y HTTP/1.1")},
		{"the path", Settings{Path: "/a"}, requestText("GET /a HTTP/1.1")},
		{"page of the same host, another port", Settings{}, requestText("GET / HTTP/1.1", "Origin", "http://127.0.0.1:8080")},
		{"page of this machine's own name", Settings{}, requestText("GET / HTTP/1.1", "Origin", "http://localhost:8080", "Host", "LOCALHOST:5555")},
		{"page of an address of version 6", Settings{}, requestText("GET / HTTP/1.1", "Origin", "http://[::1]:8080", "Host", "[::1]:5555")},
		{"page of the name that is bound", Settings{Host: "app.example"}, requestText("GET / HTTP/1.1", "Origin", "http://app.example", "Host", "app.example:5555")},
		{"page of a name that is allowed", Settings{Hosts: []string{"*.good.example"}}, requestText("GET / HTTP/1.1", "Origin", "http://www.good.example", "Host", "www.good.example.")},
		{"page of any name", Settings{Hosts: []string{"*"}}, requestText("GET / HTTP/1.1", "Origin", "http://x.example", "Host", "x.example")},
		{"no page, by whatever name", Settings{}, requestText("GET / HTTP/1.1", "Host", "x.example")},
		{"page that is named, by whatever name", Settings{Origins: []string{"a.example"}}, requestText("GET / HTTP/1.1", "Origin", "http://a.example", "Host", "x.example")},
		{"page of a pattern", Settings{Origins: []string{"*.good.example"}}, requestText("GET / HTTP/1.1", "Origin", "https://www.Good.example")},
		{"any page", Settings{Origins: []string{"*"}}, requestText("GET / HTTP/1.1", "Origin", "null")},
		{"the second offer", Settings{}, requestText("GET / HTTP/1.1", "Sec-WebSocket-Protocol", "mqtt, ZWS2.0")},
		{"names in another case", Settings{}, strings.ReplaceAll(requestText("GET / HTTP/1.1"), "Upgrade: websocket", "upgrade: WebSocket")},
	} {
		c.settings.Mechanism = "NULL"
		if answer, err := serve(t, c.settings, c.request); err != nil || !strings.HasPrefix(answer, "HTTP/1.1 101 ") {
			t.Errorf("%s: %q, %v", c.name, answer, err)
		}
	}
}

// Every prefix of a request leaves the server waiting, and not more.
func TestRequestPrefixes(t *testing.T) {
	text := requestText("GET / HTTP/1.1")
	for n := range len(text) {
		_, _, err := readHead(strings.NewReader(text[:n]), "GET ")
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatalf("%q: %v", text[:n], err)
		}
	}
}

func TestRefusedAnswers(t *testing.T) {
	const good = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: KEY\r\nSec-WebSocket-Protocol: ZWS2.0/NULL\r\n\r\n"
	for _, c := range []struct{ name, answer, says string }{
		{"good", good, ""},
		{"not found", "HTTP/1.1 404 Not Found\r\n\r\n", "404"},
		{"not HTTP", "\xff\x00", "began with"},
		{"no upgrade", strings.Replace(good, "Upgrade: websocket\r\n", "", 1), "upgrade"},
		{"wrong key", strings.Replace(good, "KEY", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", 1), "s3pP"},
		{"extension", strings.Replace(good, "\r\n\r\n", "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n", 1), "deflate"},
		{"subprotocol", strings.Replace(good, "ZWS2.0/NULL", "ZWS2.0/CURVE", 1), "CURVE"},
		{"none", strings.Replace(good, "Sec-WebSocket-Protocol: ZWS2.0/NULL\r\n", "", 1), "subprotocol"},
	} {
		client, server := wired(t)
		go func() {
			h, _, err := readHead(server, "GET ")
			if err == nil {
				_, _ = io.WriteString(server, strings.Replace(c.answer, "KEY", acceptKey(h.fields.Get("Sec-WebSocket-Key")), 1))
			}
		}()
		_, err := Client(client, Settings{Mechanism: "NULL"}).Read(make([]byte, 64))
		if c.says == "" && err != nil || c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%s: %v, want %q", c.name, err, c.says)
		}
	}
}

// Over both ends, ZMTP is what it would be over tcp: greetings of the two, and frames.
func TestConnBothEnds(t *testing.T) {
	for _, mechanism := range []string{"NULL", "PLAIN", "CURVE"} {
		a, b := wired(t)
		client, server := Client(a, Settings{Mechanism: mechanism}), Server(b, Settings{Mechanism: mechanism})
		ours := greeting(withName+mechanism, mechanism)
		ready := frame(wire.FlagCommand, []byte("\x05READY"))
		both := func(c *Conn) error {
			if _, err := c.Write(append(bytes.Clone(ours), ready...)); err != nil {
				return err
			}
			got := make([]byte, greetingSize+len(ready))
			if _, err := io.ReadFull(c, got); err != nil {
				return err
			}
			if !bytes.Equal(got[greetingSize:], ready) || !bytes.Equal(got[:greetingSize], ours) || !bytes.HasPrefix(got[12:], []byte(mechanism)) {
				return fmt.Errorf("got % x", got)
			}
			return nil
		}
		done := make(chan error, 1)
		go func() { done <- both(server) }()
		if err := both(client); err != nil {
			t.Error(mechanism, err)
		}
		if err := <-done; err != nil {
			t.Error(mechanism, err)
		}
		if err := client.CloseWrite(); err != nil {
			t.Error(err)
		}
		if _, err := server.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("after a Close frame: %v", err)
		}
		if _, err := client.Write(ready); !errors.Is(err, net.ErrClosed) {
			t.Errorf("written after a Close frame: %v", err)
		}
	}
}

// A Read into little room gives the same bytes.
func TestReadByByte(t *testing.T) {
	a, b := wired(t)
	client, server := Client(a, Settings{Mechanism: "NULL"}), Server(b, Settings{Mechanism: "NULL"})
	want := append(greeting(withName+"NULL", "NULL"), frame(0, make([]byte, 700))...)
	go func() { _, _ = client.Write(want) }()
	var got []byte
	for p := make([]byte, 1); len(got) < len(want); {
		n, err := server.Read(p)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, p[:n]...)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("got % x", got)
	}
}
