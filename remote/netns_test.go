//go:build interop && linux

package remote

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/beacon"
	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/internal/ztest/netns"
	"github.com/go-zactor/zactor/internal/ztest/proc"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zyre"
)

func init() {
	play = proc.Roles{"serve": playServer, "use": playUser, "listen": playListener}.Play
}

// The keys of a process: the files of its own certificate and of those that it trusts.
const (
	ownVariable     = "ZACTOR_REMOTE_OWN"
	trustedVariable = "ZACTOR_REMOTE_TRUSTED"
)

// liveNode starts a node with the process's keys, in clear if it has none.
func liveNode(name string) (*zyre.Node, *Space, error) {
	opts := []zyre.Option{
		zyre.WithTimeouts(time.Second, 3*time.Second), zyre.WithInterval(100 * time.Millisecond),
		zyre.WithLinger(200 * time.Millisecond), zyre.WithBeacon(beacon.WithRescan(100 * time.Millisecond)),
	}
	if path := os.Getenv(ownVariable); path != "" {
		own, err1 := cert.Load(path)
		peer, err2 := cert.Load(os.Getenv(trustedVariable))
		if err := errors.Join(err1, err2); err != nil {
			return nil, nil, err
		}
		opts = append(opts, zyre.WithCurve(own, cert.NewMemStore(peer)))
	}
	n, err := zyre.New(context.Background(), name, opts...)
	if err != nil {
		return nil, nil, err
	}
	s, err := New(context.Background(), n)
	return n, s, err
}

// playServer publishes an actor that knows the temperature, and asked how it is says
// nothing until it is told to go on.
func playServer() error {
	n, s, err := liveNode("server")
	if err != nil {
		return err
	}
	defer n.Close()
	defer s.Close()
	goOn := make(chan struct{}, 1)
	a, err := actor.Spawn(context.Background(), func(ctx context.Context, p *actor.Pipe) error {
		for m, err := range p.Messages(ctx) {
			switch {
			case err != nil:
				return err
			case string(m.Frames[0]) == "mood":
				fmt.Println("ASKED")
				select {
				case <-goOn:
				case <-ctx.Done():
				}
			default:
				if err := p.Reply(ctx, msg.NewString("21 degrees, "+m.PopString())); err != nil {
					return err
				}
			}
		}
		return nil
	}, actor.WithName("thermometer"))
	if err != nil {
		return err
	}
	defer func() { _ = a.Close() }()
	if err := s.Publish(a); err != nil {
		return err
	}
	fmt.Println("PUBLISHED")
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		goOn <- struct{}{}
	}
	return nil
}

// playUser finds the actor, as often as it is lost, and asks what it is told to.
func playUser() error {
	n, s, err := liveNode("user")
	if err != nil {
		return err
	}
	defer n.Close()
	defer s.Close()
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		if in.Text() == "find" {
			go find(n, s)
			continue
		}
		go ask(s, strings.TrimPrefix(in.Text(), "ask "))
	}
	return nil
}

// find says that the actor is found, by which key, and when it is lost.
func find(n *zyre.Node, s *Space) {
	ctx, cancel := context.WithTimeout(context.Background(), ztest.Patience)
	defer cancel()
	ref, err := s.Find(ctx, "thermometer")
	if err != nil {
		fmt.Println("FOUND nothing:", err)
		return
	}
	fmt.Println("FOUND", n.Peers()[0].Key)
	<-ref.Done()
	fmt.Println("DONE", errors.Is(ref.Err(), ErrLost), ref.Err())
}

func ask(s *Space, question string) {
	ctx, cancel := context.WithTimeout(context.Background(), ztest.Patience)
	defer cancel()
	ref, ok := s.Lookup("thermometer")
	if !ok {
		fmt.Println("ANSWER nobody there")
		return
	}
	m, err := ref.Ask(ctx, msg.NewString(question))
	if err != nil {
		fmt.Println("FAILED", errors.Is(err, ErrLost), err)
		return
	}
	fmt.Println("ANSWER", string(m.Frames[0]))
}

// playListener is in clear. It says when it has heard beacons that are not for it, and
// what it can see.
func playListener() error {
	n, s, err := liveNode("listener")
	if err != nil {
		return err
	}
	defer n.Close()
	defer s.Close()
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		_, ok := s.Lookup("thermometer")
		fmt.Println("SEES", n.Stats().BeaconsFalse > 20, n.Stats().Peers, ok)
	}
	return nil
}

// keys makes two certificates, and the environments of those who hold one and trust the
// other.
func keys(t *testing.T) (server *cert.Cert, serves, uses []string) {
	t.Helper()
	dir := t.TempDir()
	var certs []*cert.Cert
	var paths []string
	for _, name := range []string{"server", "user"} {
		c, err := cert.New()
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, name)
		if err := c.Save(path); err != nil {
			t.Fatal(err)
		}
		certs, paths = append(certs, c), append(paths, path)
	}
	held := func(own, trusted int) []string {
		return []string{ownVariable + "=" + paths[own], trustedVariable + "=" + paths[trusted]}
	}
	return certs[0], held(0, 1), held(1, 0)
}

// An actor on one host is found and asked from another one, over CURVE and by nobody
// without a trusted key. When the cable is cut it is done, as lost, and so is what was
// asked; when the cable is mended it is found again.
func TestInteropActorOfAnotherHost(t *testing.T) {
	l := netns.New(t)
	hosts := []string{l.Host(), l.Host(), l.Host()}
	for i, h := range hosts {
		l.Plug(h, "eth0", fmt.Sprintf("10.77.0.%d/24", i+1))
	}
	key, serves, uses := keys(t)
	listener := l.Role(hosts[2], "listen")
	server, user := l.Role(hosts[0], "serve", serves...), l.Role(hosts[1], "use", uses...)
	server.Want("PUBLISHED")
	for round := range 2 {
		user.Say("find")
		if got := user.Want("FOUND"); got != key.Public() {
			t.Fatalf("round %d: found with the key %q, want the server's", round, got)
		}
		user.Say("ask today")
		if got := user.Want("ANSWER"); got != "21 degrees, today" {
			t.Errorf("round %d: the answer is %q", round, got)
		}
		user.Say("ask mood")
		server.Want("ASKED")
		l.Cut(hosts[0], "eth0")
		for range 2 {
			if what, got := user.WantAny("DONE", "FAILED"); !strings.HasPrefix(got, "true") {
				t.Errorf("round %d: %s: %s, want ErrLost", round, what, got)
			}
		}
		user.Say("ask tomorrow")
		if got := user.Want("ANSWER"); got != "nobody there" {
			t.Errorf("round %d: the answer of a lost actor is %q", round, got)
		}
		l.Mend(hosts[0], "eth0")
		server.Say("go on")
	}
	for end := time.Now().Add(ztest.Patience); ; time.Sleep(10 * time.Millisecond) {
		listener.Say("look")
		got := listener.Want("SEES")
		if !strings.HasSuffix(got, " 0 false") || time.Now().After(end) {
			t.Fatalf("in clear it hears, has peers, and finds: %s: want true, 0, false", got)
		}
		if strings.HasPrefix(got, "true") {
			break
		}
	}
}
