package pgm

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/go-zactor/zactor/internal/contain"
	"github.com/go-zactor/zactor/internal/endpoint"
	"github.com/go-zactor/zactor/internal/link"
	"github.com/go-zactor/zactor/internal/pgm/packet"
	"github.com/go-zactor/zactor/internal/pgm/repair"
	"github.com/go-zactor/zactor/internal/queue"
	"github.com/go-zactor/zactor/internal/ztest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// socket is a Handler and the owner of its pipes.
type socket struct {
	link.Nobody
	refused atomic.Uint64

	hwm int
	own *queue.Pipe // the pipe of a sender

	mu     sync.Mutex
	pipes  []*queue.Pipe
	live   int
	ended  []error
	gaps   int
	lost   int
	change chan struct{}
}

func newSocket(hwm int) *socket { return &socket{hwm: hwm, change: make(chan struct{}, 1)} }

func (s *socket) poke() {
	select {
	case s.change <- struct{}{}:
	default:
	}
}

func (s *socket) Unheard(_ netip.AddrPort, refused, _ uint64) { s.refused.Add(refused) }

func (s *socket) Readable(*queue.Pipe) { s.poke() }
func (s *socket) Writable(*queue.Pipe) { s.poke() }

func (s *socket) NewPipe() *queue.Pipe {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := queue.New(s, queue.Limits{RecvHWM: s.hwm})
	if s.own != nil {
		p = s.own
	}
	s.pipes = append(s.pipes, p)
	return p
}

func (s *socket) Ready(p *queue.Pipe, _ *link.Peer) error {
	defer s.poke()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.live++
	p.Data = true
	return nil
}

func (s *socket) Detach(p *queue.Pipe, _ bool) {
	defer s.poke()
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.Data == true {
		p.Data = nil
		s.live--
	}
}

func (s *socket) Event(e link.Event) {
	defer s.poke()
	s.mu.Lock()
	defer s.mu.Unlock()
	switch e.Kind {
	case link.Disconnected:
		s.ended = append(s.ended, e.Err)
	case link.Gap:
		s.gaps++
	}
}

func (s *socket) Panicked(_, _ string, p *contain.Panic) {
	panic(p) // which no test but that of containment means to happen
}

func (s *socket) Lost(_ *queue.Pipe, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lost += n
}

// until waits for a condition on the socket.
func (s *socket) until(t testing.TB, what string, cond func() bool) {
	t.Helper()
	var timeout <-chan time.Time
	for {
		s.mu.Lock()
		ok := cond()
		s.mu.Unlock()
		if ok {
			return
		}
		if timeout == nil {
			timeout = time.After(ztest.Patience)
		}
		select {
		case <-s.change:
		case <-timeout:
			t.Fatalf("never %s", what)
		}
	}
}

// take is the next message of the first source.
func (s *socket) take(t testing.TB) []byte {
	t.Helper()
	var body []byte
	s.until(t, "a message", func() bool {
		if len(s.pipes) == 0 {
			return false
		}
		m, ok, resume := s.pipes[0].In.Next(0)
		if resume {
			s.pipes[0].Resume()
		}
		if ok {
			body = m.Frames[0]
		}
		return ok
	})
	return body
}

// config is for a group on the loopback interface that no other test uses.
func config(t *testing.T) Config {
	t.Helper()
	return Config{
		Endpoint: parse(t, fmt.Sprintf("epgm://127.0.0.1;239.194.%d.%d:%d", rand.IntN(256), 1+rand.IntN(250), ztest.Port(t))),
		Rate:     100_000, Recovery: 10 * time.Second, Hops: 1, Loop: true, TPDU: 1500,
	}
}

func parse(t testing.TB, text string) endpoint.Endpoint {
	t.Helper()
	ep, err := endpoint.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return ep
}

func receive(t *testing.T, cfg Config, s *socket) *Receiver {
	t.Helper()
	r, err := Receive(cfg, s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(t.Context()) })
	return r
}

// send opens a sender and its pipe.
func send(t *testing.T, cfg Config, s *socket) (*Sender, *queue.Pipe) {
	t.Helper()
	s.own = queue.New(s, queue.Limits{})
	snd, err := Send(cfg, s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { snd.Close(t.Context()) })
	return snd, s.own
}

func put(p *queue.Pipe, body []byte) {
	if _, flush := p.Put(nil, [][]byte{body}, true); flush {
		p.Flush()
	}
}

// A reader that takes its time holds its own source up, and gets everything.
func TestSlowReader(t *testing.T) {
	cfg := config(t)
	s := newSocket(10)
	receive(t, cfg, s)
	snd, p := send(t, cfg, newSocket(0))
	s.until(t, "a source", func() bool { return s.live == 1 })
	const count = 2000
	for i := range count {
		put(p, fmt.Appendf(make([]byte, 0, 500), "%0400d", i))
	}
	snd.Close(t.Context())
	for i := range count {
		if got, want := string(s.take(t)), fmt.Sprintf("%0400d", i); got != want {
			t.Fatalf("message %d is %.20s", i, got)
		}
	}
	s.until(t, "the end", func() bool { return s.live == 0 })
	if s.gaps > 0 || !errors.Is(s.ended[0], ErrEnded) {
		t.Errorf("%d gaps, ended with %v", s.gaps, s.ended)
	}
}

// What waits between the sockets and the loop is taken to the last packet.
func TestBurst(t *testing.T) {
	cfg := config(t)
	r := &Receiver{handler: newSocket(0), cfg: cfg, heard: make(chan datagram, 4*turn), feeds: map[*repair.Source]*feed{}}
	group := netip.MustParseAddr("239.194.1.1")
	r.machine = repair.NewReceiver(repair.ReceiverConfig{Port: 5, Budget: 1 << 20, Random: rand.New(rand.NewPCG(1, 1))}, time.Now())
	for i := range uint32(4 * turn) {
		h := packet.Header{SourcePort: 7, DestPort: 5}
		r.heard <- datagram{group, group, h.AppendData(nil, packet.Data{Sqn: i, Body: []byte("\x00\x00\x02\x00a")})}
	}
	for len(r.heard) > 0 {
		r.take(<-r.heard)
	}
	s := r.handler.(*socket)
	if got := s.pipes[0].In.Len(); got != 4*turn {
		t.Errorf("%d of %d packets were taken", got, 4*turn)
	}
}

// enemy is a socket that sends what it likes to the group.
func enemy(t *testing.T, cfg Config) (at place, fire func([]byte)) {
	t.Helper()
	at, err := locate(cfg)
	if err != nil {
		t.Fatal(err)
	}
	l, err := at.speak()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return at, func(p []byte) { l.send(at.groups[0], p) }
}

// Rubbish, and sources that are made up, do not keep a real one out that was there
// before; and they get no more than they may.
func TestHostileGroup(t *testing.T) {
	cfg := config(t)
	s := newSocket(0)
	receive(t, cfg, s)
	_, p := send(t, cfg, newSocket(0))
	s.until(t, "a source", func() bool { return s.live == 1 })
	at, fire := enemy(t, cfg)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 2000 {
		h := packet.Header{SourcePort: uint16(i), DestPort: at.port, GSI: packet.GSI{9, byte(i)}}
		switch i % 4 {
		case 0:
			b := make([]byte, r.IntN(100))
			for k := range b {
				b[k] = byte(r.Uint32())
			}
			fire(b)
		case 1:
			fire(h.AppendData(nil, packet.Data{Sqn: r.Uint32(), Trail: r.Uint32(), Body: []byte("\x00\x00\xff\x00\xff")}))
		case 2:
			fire(h.AppendSPM(nil, packet.SPM{Sqn: 1, Lead: 1 << 30, NLA: at.addr}))
		case 3:
			fire(h.AppendData(nil, packet.Data{Sqn: 5, Trail: 5, Body: []byte("\x00\x00\x02\x00a\x00")}))
		}
		if i%100 == 0 {
			time.Sleep(time.Millisecond) // so that the kernel drops little of it
		}
	}
	for i := range 100 {
		put(p, fmt.Append(nil, i))
	}
	for i := range 100 {
		if got := string(s.take(t)); got != fmt.Sprint(i) {
			t.Fatalf("message %d is %.20q", i, got)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.live > repair.MaxSources {
		t.Errorf("%d sources", s.live)
	}
}

// Sources that share an address each get their NAKs in the end, although the system
// gives a packet to one of them.
func TestSharedAddress(t *testing.T) {
	for range 2 {
		cfg := config(t)
		s := newSocket(0)
		receive(t, cfg, s)
		at, err := locate(cfg)
		if err != nil {
			t.Fatal(err)
		}
		asked := make(chan int, 100)
		stop := make(chan struct{})
		var wg sync.WaitGroup
		for i := range 3 {
			l, err := at.speak()
			if err != nil {
				t.Fatal(err)
			}
			h := packet.Header{SourcePort: 7, DestPort: at.port, GSI: packet.GSI{byte(i)}}
			l.send(at.groups[0], h.AppendSPM(nil, packet.SPM{Lead: 0, NLA: at.addr}))
			l.send(at.groups[0], h.AppendData(nil, packet.Data{Sqn: 5, Trail: 0, Body: []byte{0xff, 0xff, 0}}))
			wg.Go(func() { hearNAKs(l, h.GSI, asked, stop) })
			defer l.Close()
		}
		seen := map[int]bool{}
		for timeout := time.After(ztest.Patience); len(seen) < 3; {
			select {
			case i := <-asked:
				seen[i] = true
			case <-timeout:
				t.Fatalf("only %v were asked", seen)
			}
		}
		close(stop)
		wg.Wait()
	}
}

// hearNAKs passes on which NAKs for a source come to a socket.
func hearNAKs(l *packetConn, gsi packet.GSI, to chan<- int, stop <-chan struct{}) {
	heard := make(chan datagram)
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.read(netip.Addr{}, heard, stop, nil)
	}()
	defer func() { l.Close(); <-done }()
	for {
		select {
		case d := <-heard:
			if h, _, err := packet.ParseHeader(d.data); err == nil && h.Type == packet.TypeNAK && h.GSI == gsi {
				select {
				case to <- int(gsi[0]):
				default:
				}
			}
		case <-stop:
			return
		}
	}
}

// The rate is kept on a real network, by a real clock.
func TestRate(t *testing.T) {
	if os.Getenv("ZACTOR_FULL") == "" {
		t.Skip("takes seconds of a quiet machine: set ZACTOR_FULL")
	}
	for _, kbits := range []int{200, 5_000, 50_000} {
		cfg := config(t)
		cfg.Rate, cfg.Loop = kbits, true
		at, err := locate(cfg)
		if err != nil {
			t.Fatal(err)
		}
		l, err := at.hear(at.groups[0])
		if err != nil {
			t.Fatal(err)
		}
		_, p := send(t, cfg, newSocket(0))
		for range kbits * 8 { // more than eight seconds of it
			put(p, make([]byte, 1000/8))
		}
		rate := measure(t, l, 5*time.Second)
		l.Close()
		share := rate / float64(kbits*1000/8)
		t.Logf("%d kbit/s: %.4f of it", kbits, share)
		if share < 0.95 || share > 1.05 {
			t.Errorf("%d kbit/s: %.3f of it was sent", kbits, share)
		}
	}
}

// measure is the rate at which bytes come, headers included. What has gathered in the
// kernel before is not counted.
func measure(t *testing.T, l *packetConn, d time.Duration) float64 {
	t.Helper()
	b := make([]byte, maxDatagram)
	start := time.Now().Add(time.Second)
	for bytes := 0; ; {
		n, _, err := l.receive(b)
		if err != nil {
			t.Fatal(err)
		}
		now := time.Now()
		if packet.Type(b[4]) != packet.TypeODATA || now.Before(start) {
			continue
		}
		if bytes == 0 {
			start = now // and this packet was paid for before
		} else if passed := now.Sub(start); passed > d {
			return float64(bytes) / passed.Seconds()
		}
		bytes += n + headers
	}
}

func TestInterfaces(t *testing.T) {
	group := netip.MustParseAddr("239.192.1.1")
	lo, err := findNIC(parse(t, "epgm://127.0.0.1;239.192.1.1:5555"), group)
	if err != nil {
		t.Skipf("no loopback interface: %v", err)
	}
	for text, want := range map[string]error{
		"epgm://" + lo.Name + ";239.192.1.1:5555": nil,
		"epgm://192.0.2.77;239.192.1.1:5555":      ErrInterface,
		"epgm://nosuchnic;239.192.1.1:5555":       ErrInterface,
	} {
		n, err := findNIC(parse(t, text), group)
		if !errors.Is(err, want) || want == nil && (err != nil || n.Name != lo.Name || n.addr != lo.addr) {
			t.Errorf("%s: %v, %v, want %v", text, n, err, want)
		}
	}
}

// What options make of windows and packets; the packets are as long as libzmq's.
func TestConfig(t *testing.T) {
	c := Config{Rate: 100, Recovery: 10 * time.Second, TPDU: 1500}
	if c.bytesPerSecond() != 12_500 || c.window() != 125_000 || c.payload() != 1428 || c.budget() != minBudget {
		t.Errorf("%d bytes/s, window %d, payload %d, budget %d", c.bytesPerSecond(), c.window(), c.payload(), c.budget())
	}
	c = Config{Rate: 1, TPDU: MinTPDU}
	if c.window() < c.TPDU || c.payload() < 8 {
		t.Errorf("window %d, payload %d", c.window(), c.payload())
	}
	c = Config{Rate: 10_000_000, Recovery: 1000 * time.Hour, TPDU: 1500}
	if c.budget() > maxBudget {
		t.Errorf("budget %d", c.budget())
	}
	c.Budget = 5 << 20
	if c.budget() != 5<<20 {
		t.Errorf("budget %d in spite of a limit", c.budget())
	}
}
