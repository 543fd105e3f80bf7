package zmq_test

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/zmq"
)

// While the groups of one newcomer are looked up, which may take a directory service its
// time, others are looked up and get in: nothing of it is done where connections are
// accepted.
func TestIPCFilterGIDWaitsAside(t *testing.T) {
	wanted := os.Getgid() + 12345
	asked, answer := make(chan struct{}, 1), make(chan struct{})
	var n atomic.Int32
	restore := zmq.SetGroupsOf(func(string) ([]string, error) {
		if n.Add(1) == 1 {
			asked <- struct{}{}
			<-answer
		}
		return []string{strconv.Itoa(wanted)}, nil
	})
	t.Cleanup(restore)
	k := newKit(t, "ipc") // not parallel: groups are looked up for others as well
	pull := k.open(zmq.Pull, zmq.WithIPCFilterGID(wanted), zmq.WithHandshakeInterval(ztest.Patience))
	endpoint := k.bind(pull)
	first := k.open(zmq.Push)
	k.ok(first.Connect(endpoint))
	k.send(first, "first")
	<-asked
	k.send(k.connect(zmq.Push, endpoint), "second")
	k.want(pull, "second")
	close(answer)
	k.want(pull, "first")
}

// The key agreements of wss run on half of the processors at most, as those of CURVE: of
// many clients that have sent their hello no more are at theirs at a time.
func TestWSSKeyAgreementsAreGated(t *testing.T) {
	k := alone(t, "tcp")
	gate := max(1, runtime.GOMAXPROCS(0)/2)
	clients := 2*gate + 4
	certPEM, keyPEM := wsKeyPair()
	pair, err := tls.X509KeyPair([]byte(certPEM), []byte(keyPEM))
	k.ok(err)
	var sent, now, most atomic.Int32
	server := &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
		at := now.Add(1)
		defer now.Add(-1)
		for seen := most.Load(); at > seen && !most.CompareAndSwap(seen, at); seen = most.Load() {
		}
		for end := time.Now().Add(ztest.Patience); sent.Load() < int32(clients) && time.Now().Before(end); {
			runtime.Gosched() // until all have sent theirs
		}
		for range 100 { // those that are not kept out come in now
			time.Sleep(100 * time.Microsecond)
		}
		return &pair, nil
	}}
	pull := k.open(zmq.Pull, zmq.WithHandshakeInterval(ztest.Patience))
	endpoint, err := pull.Bind("wss://127.0.0.1:*", zmq.WithTLSConfig(server))
	k.ok(err)
	_, addr, _ := strings.Cut(endpoint, "://")
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM([]byte(certPEM))
	errs := make(chan error, clients)
	for range clients {
		go func() {
			c, err := net.Dial("tcp", strings.TrimSuffix(addr, "/"))
			if err != nil {
				errs <- err
				return
			}
			defer c.Close()
			_ = c.SetDeadline(time.Now().Add(ztest.Patience))
			t := tls.Client(helloCounter{c, &sent}, &tls.Config{RootCAs: pool, ServerName: "localhost"})
			errs <- t.Handshake()
		}()
	}
	for range clients {
		k.ok(<-errs)
	}
	if n := int(most.Load()); n > gate || n == 0 {
		t.Errorf("%d were at their key agreement at a time, want %d at most", n, gate)
	}
}

// helloCounter counts what has written its first bytes.
type helloCounter struct {
	net.Conn
	sent *atomic.Int32
}

func (c helloCounter) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.sent.Add(1) // a second write of one of them does no harm: it has had its turn
	return n, err
}
