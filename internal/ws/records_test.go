package ws

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	crand "crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"math/rand/v2"
	"net"
	"os"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/transport"
)

// Where records end is found however their bytes are cut.
func TestRecordsFollow(t *testing.T) {
	var stream []byte
	ends := map[int]bool{0: true}
	for _, size := range []int{0, 1, 255, 256, 16384 + 256, 5, 0} {
		stream = append(stream, 23, 3, 3, byte(size>>8), byte(size))
		stream = append(stream, bytes.Repeat([]byte{0xFF}, size)...)
		ends[len(stream)] = true
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var f records
		for at := 0; at < len(stream); {
			n := min(1+r.IntN(1+r.IntN(6000)), len(stream)-at)
			f.follow(stream[at : at+n])
			at += n
			if got := f.left == 0 && f.have == 0; got != ends[at] {
				t.Fatalf("after %d bytes it is %v that a record has ended", at, got)
			}
		}
	}
}

// A connection of TLS that rests returns ErrIdle where it would wait with nothing in its
// hands, holds nothing then, and gives all bytes in order all the same.
func TestRestOverTLS(t *testing.T) {
	if !transport.CanAwait {
		t.Skip("this system does not tell whether something has arrived")
	}
	a, b := tcpPair(t)
	server, client := Server(a, Settings{Mechanism: "NULL", TLS: serverTLS(t)}), Client(b, Settings{Mechanism: "NULL", TLS: &tls.Config{InsecureSkipVerify: true}})
	const size = 300_000
	sent := make([]byte, size)
	for i := range sent {
		sent[i] = byte(i * 7 >> 3)
	}
	wrote := make(chan error, 1)
	go func() {
		r := rand.New(rand.NewPCG(3, 4))
		_, err := client.Write(make([]byte, greetingSize)) // the upgrade; a greeting is not sent
		for at := 0; at < size && err == nil; {
			n := min(1+r.IntN(1+r.IntN(40_000)), size-at)
			_, err = client.Write(frame(0, sent[at:at+n]))
			at += n
		}
		wrote <- err
	}()
	if _, err := io.ReadFull(server, make([]byte, greetingSize)); err != nil {
		t.Fatal(err)
	}
	server.Rest(true)
	var got []byte
	idle, room := 0, make([]byte, 8<<10)
	var zmtp plainFrames
	for len(got) < size {
		n, err := server.Read(room)
		got = append(got, zmtp.payload(room[:n])...)
		switch {
		case errors.Is(err, transport.ErrIdle):
			if idle++; server.Holds() {
				t.Fatal("it holds something, and has nothing to return")
			}
			transport.Await(a)
		case err != nil:
			t.Fatal(err)
		}
	}
	if err := <-wrote; err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, sent) {
		t.Error("what came is not what was sent")
	}
	n, err := server.Read(room)
	if n != 0 || !errors.Is(err, transport.ErrIdle) || !errors.Is(err, os.ErrDeadlineExceeded) || server.Holds() {
		t.Errorf("at rest: %d bytes, %v, holds %v", n, err, server.Holds())
	}
	t.Logf("it rested %d times", idle)
}

// plainFrames takes the headers out of a stream of ZMTP.
type plainFrames struct {
	head []byte
	left int
}

func (f *plainFrames) payload(p []byte) (out []byte) {
	for len(p) > 0 {
		if f.left > 0 {
			n := min(f.left, len(p))
			out, f.left, p = append(out, p[:n]...), f.left-n, p[n:]
			continue
		}
		f.head, p = append(f.head, p[0]), p[1:]
		long := f.head[0]&2 != 0
		if need := 2; !long && len(f.head) == need {
			f.left, f.head = int(f.head[1]), nil
		} else if long && len(f.head) == 9 {
			f.left, f.head = int(f.head[6])<<16|int(f.head[7])<<8|int(f.head[8]), nil
		}
	}
	return out
}

// serverTLS is what a server needs, with a certificate of its own making.
func serverTLS(t *testing.T) *tls.Config {
	key, err := ecdsa.GenerateKey(elliptic.P256(), crand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(crand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}

// tcpPair are two ends of one connection over tcp.
func tcpPair(t *testing.T) (a, b net.Conn) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if b, err = net.Dial("tcp", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if a, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close(); b.Close() })
	return a, b
}
