package wire

import "fmt"

// MaxHandshakeCommand bounds the body of a command before the peer is
// authenticated.
const MaxHandshakeCommand = 16 << 10

// Config is one side of a connection.
type Config struct {
	SocketType string     // canonical: "DEALER"
	Identity   []byte     // own routing id, at most 255 bytes; REQ, DEALER and ROUTER tell it
	Mechanism  Mechanism  // never nil; one per connection
	Secure     bool       // refuse peers below ZMTP 3.0, which know no security
	HoldReady  bool       // a listener's: NULL's READY waits for the peer's, see Hurry
	Ask        bool       // a listener's: a peer that is known must be let in, see Asking
	Ours       bool       // say that we are a zactor, to whom it may matter
	Properties []Property // additional metadata, names beginning with "X-"
}

// Phase says how far a handshake is.
type Phase uint8

// The phases. Ready and Failed are final.
const (
	Greeting    Phase = iota // finding out who speaks what
	Handshaking              // commands of the mechanism
	Waiting                  // for Decide
	Asking                   // for Admit or Reject: the peer is known, and was not told READY
	Ready                    // what follows in the stream is traffic
	Failed
)

// String names the phase.
func (p Phase) String() string {
	names := [...]string{"greeting", "handshaking", "waiting", "asking", "ready", "failed"}
	if int(p) < len(names) {
		return names[p]
	}
	return "unknown"
}

// Decision is the word of the authenticator. The zero Decision refuses.
type Decision struct {
	Allow  bool
	Status string // of ZAP: "200", "300", "400", "500"
}

// Result is what a finished handshake has found out.
type Result struct {
	Version      Version
	Unversioned  bool   // ZMTP 1.0 without a greeting: such a peer never subscribes
	PeerType     string // "" if the peer's version does not tell it
	PeerIdentity []byte
	Properties   []Property // all that the peer said, its claims about itself included
	Mechanism    string
	Ours         bool   // the peer has said that it is a zactor, and understands a Denial
	Sealer       Sealer // nil unless the mechanism encrypts
}

// stage says what the bytes in the buffer are going to be.
type stage uint8

const (
	readFirst stage = iota
	readSignature
	readRevision
	readPeerType // ZMTP 1.0 and 2.0
	readMinor    // ZMTP 3.x, as are the next two
	readMechanism
	readFiller
	readIdentity // a frame of ZMTP 1.0 or 2.0
	readCommand  // a frame of ZMTP 3.x
)

// Handshake brings a new connection to the point where messages can flow. Its
// owner moves bytes: it writes what Output returns, feeds what arrives, and
// answers with Decide while the Phase is Waiting. After an error Output may
// still hold what the peer should see before the connection closes: RFC 37 wants
// both greetings sent whole, so that both sides learn of a mismatch.
type Handshake struct {
	cfg    Config
	secure bool
	phase  Phase
	await  Await // while Handshaking or Waiting
	stage  stage
	buf    []byte // bytes of the present item; grows only as they arrive
	want   int    // length that buf must reach; greater than len(buf) while reading
	out    []byte
	held   []byte // our READY, while it waits for the peer's
	creds  Credentials
	result Result
	err    error

	// libzmq: the padding in the peer's signature is not zero. It means nothing,
	// but tells how the peer spells ERROR.
	libzmq bool
}

// NewHandshake begins a handshake; its Output is there at once.
func NewHandshake(cfg Config) *Handshake {
	h := &Handshake{
		cfg: cfg,
		// A mechanism other than NULL is security, whatever the caller says.
		secure: cfg.Secure || cfg.Mechanism.Name() != "NULL",
		want:   1,
	}
	if h.secure {
		// RFC 37: "When a peer does not need backwards interoperability, it SHOULD
		// send its full greeting immediately", and zeros as the padding.
		h.out = appendTail3(append(appendSignature(nil, 0), revision3), cfg.Mechanism)
		return h
	}
	// To a peer of ZMTP 1.0 these ten bytes are the header of a frame, our
	// identity, so the padding tells its length. The revision byte must not come
	// with them: such a peer would take it for the first byte of the identity.
	h.out = appendSignature(nil, uint64(len(cfg.Identity))+1)
	return h
}

// Output returns the bytes to write now, nil when there are none. It hands them
// over: the next call returns only what came after.
func (h *Handshake) Output() []byte {
	out := h.out
	h.out = nil
	return out
}

// Phase returns how far the handshake is.
func (h *Handshake) Phase() Phase { return h.phase }

// Credentials returns what the peer showed, in the phase Waiting.
func (h *Handshake) Credentials() Credentials { return h.creds }

// Holds reports whether our READY waits for the peer's. A peer that has our READY may
// send messages and leave; one that has not keeps them. So a listener that must turn
// peers away can do so without a loss as long as it has not said READY, and it says so
// last: in PLAIN and CURVE by their nature, in NULL because Config.HoldReady asks for
// it.
func (h *Handshake) Holds() bool { return h.reading() && h.held != nil }

// Hurry lets go of a READY that waits. RFC 37 gives no order to the two of NULL, and a
// peer may wait for ours as we wait for its own.
func (h *Handshake) Hurry() {
	if h.Holds() {
		h.release()
	}
}

func (h *Handshake) release() {
	if h.held != nil {
		h.out = AppendCommand(h.out, h.held)
		h.held = nil
	}
}

// Result returns what the handshake found out, in the phase Ready. The caller
// owns the Sealer in it.
func (h *Handshake) Result() Result { return h.result }

// Feed takes bytes of the peer and returns how many of them it consumed. It
// stops exactly at the end of the handshake and at Waiting; the caller keeps the
// rest. After an error the handshake has Failed, and Feed returns that error
// again.
func (h *Handshake) Feed(p []byte) (n int, err error) {
	for n < len(p) && h.reading() {
		k := min(h.want-len(h.buf), len(p)-n)
		h.buf = append(h.buf, p[n:n+k]...)
		n += k
		if len(h.buf) < h.want {
			break
		}
		if err := h.advance(); err != nil {
			h.fail(err)
		}
	}
	return n, h.err
}

func (h *Handshake) reading() bool { return h.phase == Greeting || h.phase == Handshaking }

// Decide lets the peer in or not. It returns a *RefusedError if not; then the
// Output holds an ERROR command for the statuses 400 and 500, and nothing for
// others, so that the peer tries again. A status other than "200" or "" refuses
// whatever Allow says.
func (h *Handshake) Decide(d Decision) error {
	if h.phase != Waiting {
		return ErrNotWaiting
	}
	h.creds = Credentials{}
	if !d.Allow || (d.Status != "200" && d.Status != "") {
		return h.refuse(d.Status)
	}
	h.phase = Handshaking
	step, err := h.cfg.Mechanism.Allow()
	if err == nil {
		err = h.apply(step)
	}
	if err != nil {
		h.fail(err)
	}
	return err
}

func (h *Handshake) refuse(status string) error {
	if status == "400" || status == "500" {
		h.out = appendError(h.out, h.errorName(), status)
	}
	h.fail(&RefusedError{Status: status})
	return h.err
}

// Close forgets the secrets of a handshake that will not go on. It does nothing
// to one that is Ready.
func (h *Handshake) Close() {
	if h.phase != Ready && h.phase != Failed {
		h.fail(ErrHandshakeClosed)
	}
}

func (h *Handshake) fail(err error) {
	h.phase, h.err, h.creds = Failed, err, Credentials{}
	h.expect(readCommand, 0)
	h.cfg.Mechanism.Close()
}

// known is called when everything about the peer is known, and all but our READY said.
func (h *Handshake) known() {
	h.result.Mechanism = h.cfg.Mechanism.Name()
	if h.cfg.Ask {
		h.phase = Asking
		h.expect(readCommand, 0)
		return
	}
	h.finish()
}

// Admit lets a peer in, in the phase Asking: it is told READY.
func (h *Handshake) Admit() error {
	if h.phase != Asking {
		return ErrNotWaiting
	}
	h.finish()
	return nil
}

// Reject turns a peer away, in the phase Asking. It was not told READY, so that it has
// sent nothing and keeps what it has to send. One of ours is told why, by an ERROR. Any
// other one is not: libzmq never comes back after an ERROR, and after a connection that
// ends it does.
func (h *Handshake) Reject(why error) {
	if h.phase != Asking {
		return
	}
	h.held = nil
	if h.result.Ours {
		h.out = appendError(h.out, nameError, Denial(why))
	}
	h.fail(why)
}

func (h *Handshake) finish() {
	h.release()
	h.phase = Ready
	h.expect(readCommand, 0)
	h.result.Sealer = h.cfg.Mechanism.Sealer()
	h.cfg.Mechanism.Close()
}

// Format prints the phase only: the fields hold credentials on their way through.
func (h *Handshake) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "handshake in phase %s", h.phase) }

// expect begins to gather the next item. Credentials may have passed through the
// buffer, so it is cleared.
func (h *Handshake) expect(s stage, want int) {
	clear(h.buf)
	h.stage, h.buf, h.want = s, h.buf[:0], want
}

// Costly reports whether the next command may cost key agreements: on the side of
// a CURVE server, for anybody who connects.
func (h *Handshake) Costly() bool {
	return h.phase == Handshaking && h.cfg.Mechanism.AsServer() && h.curve()
}

// AwaitsCurveWelcome reports whether a CURVE client has said HELLO and not been
// answered.
func (h *Handshake) AwaitsCurveWelcome() bool {
	return h.phase == Handshaking && h.await == AwaitWelcome && h.curve()
}

// AwaitsVerdict reports whether a client has said who it is, and not been told what the
// server makes of that. The key of a CURVE server has been proved by then.
func (h *Handshake) AwaitsVerdict() bool {
	if h.phase != Handshaking || h.cfg.Mechanism.AsServer() {
		return false
	}
	switch h.cfg.Mechanism.Name() {
	case "CURVE":
		return h.await == AwaitReady
	case "PLAIN":
		return h.await == AwaitWelcome
	}
	return false
}
