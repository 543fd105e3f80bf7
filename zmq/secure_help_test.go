package zmq_test

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/internal/ztest/logbook"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zmq"
)

// newCert makes a key pair.
// The keys and the login of the tests. Making keys is slow where the race detector
// looks on, and nothing is gained by new ones.
var (
	serverCert = mustCert()
	clientCert = mustCert()
	otherCert  = mustCert()
)

const (
	goodUser = "admin"
	goodPass = "correct-horse-battery"
	badPass  = "incorrect-horse-battery"
)

func mustCert() *cert.Cert {
	c, err := cert.New()
	if err != nil {
		panic(err)
	}
	return c
}

// authenticator answers ZAP requests with what fn makes of them: the messages to
// send, without the routing id. It ends with the test, or when fn returns false.
func (k *kit) authenticator(fn func(request [][]byte) (replies [][][]byte, goOn bool)) *zmq.Socket {
	k.Helper()
	s := k.open(zmq.Router, zmq.WithReservedName(true))
	_, err := s.Bind("inproc://zeromq.zap.01")
	k.ok(err)
	var wg sync.WaitGroup
	wg.Go(func() {
		for m, err := range s.Messages(k.ctx) {
			if err != nil {
				return
			}
			id := m.Pop()
			replies, goOn := fn(m.Frames)
			for _, r := range replies {
				_ = s.Send(k.ctx, msg.New(append([][]byte{id}, r...)...))
			}
			if !goOn {
				s.Close()
				return
			}
		}
	})
	k.Cleanup(func() {
		s.Close()
		wg.Wait()
	})
	return s
}

func frames(texts ...string) [][]byte {
	list := make([][]byte, len(texts))
	for i, t := range texts {
		list[i] = []byte(t)
	}
	return list
}

// answers makes an authenticator's answer of a list of frames, in which ID stands
// for the request's.
func answers(texts ...string) func([][]byte) ([][][]byte, bool) {
	return func(request [][]byte) ([][][]byte, bool) {
		return [][][]byte{withID(request, texts)}, true
	}
}

func withID(request [][]byte, texts []string) [][]byte {
	reply := frames(texts...)
	for i, f := range reply {
		if string(f) == "ID" {
			reply[i] = request[2]
		}
	}
	return reply
}

// paper collects all that a test prints, to look for secrets in it.
type paper struct{ logbook.Book }

// print puts values on the paper in every way that values are printed.
func (p *paper) print(values ...any) {
	for _, v := range values {
		fmt.Fprintf(p, "%v %+v %#v %s %q %x\n", v, v, v, v, v, v)
		if b, err := json.Marshal(v); err == nil {
			_, _ = p.Write(b)
		}
		log := zerolog.New(p)
		log.Info().Interface("value", v).Msg("")
	}
}

// logger writes on the paper, everything.
func (p *paper) logger() zerolog.Logger { return zerolog.New(p).Level(zerolog.TraceLevel) }

// check looks for secrets, in the forms that they could have.
func (p *paper) check(t *testing.T, secrets ...string) {
	t.Helper()
	text := p.String()
	if text == "" {
		t.Error("nothing was printed: the test looks at nothing")
	}
	for _, s := range secrets {
		forms := []string{
			s, hex.EncodeToString([]byte(s)), strings.ToUpper(hex.EncodeToString([]byte(s))),
			base64.StdEncoding.EncodeToString([]byte(s)), fmt.Sprint([]byte(s)), fmt.Sprintf("%#v", []byte(s)),
		}
		for _, f := range forms {
			if i := strings.Index(text, f); i >= 0 {
				t.Errorf("a secret of %d bytes was printed, near %.80q", len(s), text[max(0, i-60):i])
				break
			}
		}
	}
}

// secretsOf are the secret keys of certificates, as bytes and as text.
func secretsOf(certs ...*cert.Cert) (list []string) {
	for _, c := range certs {
		key := c.SecretKey().Expose()
		z85, _ := cert.EncodeZ85(key[:])
		list = append(list, string(key[:]), z85)
	}
	return list
}

func msgOf(texts ...string) msg.Msg { return msg.NewString(texts...) }

// patient is a context for a test that may take longer than others.
func patient(t *testing.T, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

// patientKit is newKit for such a test.
func patientKit(t *testing.T, scheme string, d time.Duration) *kit {
	t.Helper()
	k := &kit{T: t, ctx: patient(t, d), zctx: zmq.NewContext(context.Background()), scheme: scheme}
	t.Cleanup(func() {
		if err := unlessUnsent(k.zctx.Close()); err != nil {
			t.Error(err)
		}
	})
	return k
}
