package wire

// The names of the commands of a handshake, each with its length before it.
const (
	NameHello    = "\x05HELLO"
	NameWelcome  = "\x07WELCOME"
	NameInitiate = "\x08INITIATE"
	NameReady    = "\x05READY"
	NameMessage  = "\x07MESSAGE" // frames of CURVE traffic, never of a handshake
)

// Await says what a handshake is waiting for. It is the whole state of the
// conversation, for all mechanisms and both roles:
//
//	NULL          [Decision] -> Ready -> Done
//	PLAIN client  Welcome -> Ready -> Done
//	PLAIN server  Hello -> Decision -> Initiate -> Done
//	CURVE client  Welcome -> Ready -> Done
//	CURVE server  Hello -> Initiate -> Decision -> Done
type Await uint8

// The states of a handshake.
const (
	AwaitHello Await = iota + 1
	AwaitWelcome
	AwaitInitiate
	AwaitReady
	AwaitDecision // of our authenticator; no command is legal meanwhile
	Done
)

// legal returns the one command that may come now, and whether an ERROR may
// come in its place. Only a server or a NULL peer refuses, so an ERROR can only
// come where we wait for WELCOME or READY: a client never sends one.
func (a Await) legal() (name string, orError bool) {
	switch a {
	case AwaitHello:
		return NameHello, false
	case AwaitWelcome:
		return NameWelcome, true
	case AwaitInitiate:
		return NameInitiate, false
	case AwaitReady:
		return NameReady, true
	}
	return "", false
}

// Mechanism is one side of a security handshake, for one connection. Handshake
// drives it: the methods are called in the order that the steps ask for, never
// in another, and never again after one of them failed.
type Mechanism interface {
	// Name is the mechanism in the greeting: upper-case ASCII, at most 20 bytes.
	Name() string
	// AsServer is the role in the greeting.
	AsServer() bool
	// Start begins once the greetings have shown the same mechanism on both
	// sides. The metadata is ours, encoded; the mechanism keeps it until the
	// command that carries it.
	Start(metadata []byte) (Step, error)
	// Command takes the command that the last step awaited: one of the names
	// above, and the whole body, name included, valid during the call only.
	Command(name string, body []byte) (Step, error)
	// Allow goes on after AwaitDecision, when the authenticator let the peer in.
	Allow() (Step, error)
	// Sealer returns the protection of the traffic once a step was Done; nil if
	// the mechanism has none. The caller owns it.
	Sealer() Sealer
	// Close forgets the secrets of the handshake. The Sealer lives on.
	Close()
}

// Step is what a mechanism wants to happen next.
type Step struct {
	Send        []byte      // body of a command for the peer, copied at once; nil: nothing to say
	Await       Await       // what must come then
	Metadata    []byte      // the peer's, from the command just taken; nil: none in it
	Credentials Credentials // with AwaitDecision
}

// Sealer protects the traffic after the handshake. Seal and Open share nothing:
// a writer and a reader may call them at the same time, each from one goroutine.
type Sealer interface {
	// Seal appends one whole frame that carries the payload under the flags of a
	// ZMTP frame (MORE, COMMAND). The payload must not overlap the free part of
	// dst. It returns nil when the connection has used up its nonces and must end.
	Seal(dst []byte, flags byte, payload []byte) []byte
	// Open checks and decrypts the body of a frame in place, and returns the
	// flags and the payload, which aliases body. After an error the connection
	// must end.
	Open(outerFlags byte, body []byte) (flags byte, payload []byte, err error)

	// The same in two steps, for many frames at a time. The first step is for the
	// one goroutine, in the order of the frames; the second may be done for several
	// frames at once, in any order.

	// Reserve gives places to the next n frames to seal: first and those that follow
	// it. ok is false when the connection has not so many nonces left and must end.
	Reserve(n int) (first uint64, ok bool)
	// SealedSize is the size of the frame for a payload of so many bytes.
	SealedSize(payload int) int
	// SealAt is Seal into dst, which has SealedSize, for a frame with a place.
	SealAt(place uint64, dst []byte, flags byte, payload []byte)
	// Admit checks what can be seen of a sealed frame, and gives it a place.
	Admit(outerFlags byte, body []byte) (place uint64, err error)
	// OpenAt is Open for a frame that was admitted.
	OpenAt(place uint64, body []byte) (flags byte, payload []byte, err error)

	// Close forgets the keys; call it when neither Seal nor Open can follow.
	Close()
}
