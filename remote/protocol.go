package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/go-zactor/zactor/actor"
	"github.com/go-zactor/zactor/internal/contain"
)

// Codec writes values as bytes, and reads them back. Marshal and Unmarshal are called
// by many goroutines at once, and with bytes that anybody may have sent. Another one
// than JSON takes a line:
//
//	var cbors = remote.Codec{Name: "cbor", Marshal: cbor.Marshal, Unmarshal: cbor.Unmarshal}
type Codec struct {
	Name      string // on the wire: both sides must use the same
	Marshal   func(v any) ([]byte, error)
	Unmarshal func(data []byte, v any) error // v is a pointer
}

// JSON is the codec of encoding/json.
var JSON = Codec{Name: "json", Marshal: json.Marshal, Unmarshal: json.Unmarshal}

// Protocol is what typed actors of several nodes say to each other: the types of their
// messages, each under a name that the program chooses and that stays the same when the
// type moves or is renamed, and the errors of their answers. What is not in it is
// refused before it is decoded. Both sides make one of the same entries:
//
//	var bank = remote.NewProtocol(remote.JSON,
//		remote.Message[Deposit]("deposit"),
//		remote.Question[*Withdraw]("withdraw"),
//		remote.Failure("poor", ErrPoor),
//	)
//
// It does not change and may be shared.
type Protocol struct {
	codec    Codec
	err      error
	byName   map[string]*entry
	byType   map[reflect.Type]*entry
	failures []namedError
}

// Entry is one of a Protocol's: a Message, a Question or a Failure.
type Entry struct{ enter func(*Protocol) error }

// entry is a type of messages.
type entry struct {
	name   string
	typ    reflect.Type
	decode func(c Codec, data []byte, from Peer) (any, error)
	ask    func(ctx context.Context, to actor.Unit, q any) (wait, error) // nil when it can't be asked
}

// wait is the second half of an Ask here.
type wait func(context.Context) (any, error)

type namedError struct {
	name string
	err  error
}

// NewProtocol makes a protocol. What is wrong with it (names or types twice, a codec
// without functions) is told by Publish and Find, as ErrProtocol, so that a protocol
// can be a variable of a package.
func NewProtocol(c Codec, entries ...Entry) *Protocol {
	p := &Protocol{codec: c, byName: map[string]*entry{}, byType: map[reflect.Type]*entry{}}
	if c.Marshal == nil || c.Unmarshal == nil || c.Name == "" || len(c.Name) > maxText {
		p.err = fmt.Errorf("%w: the codec %q: must have Marshal, Unmarshal, and a name of 1 to %d bytes", ErrProtocol, c.Name, maxText)
	}
	for _, e := range entries {
		if err := e.enter(p); err != nil && p.err == nil {
			p.err = fmt.Errorf("%w: %w", ErrProtocol, err)
		}
	}
	return p
}

// Message is a type of messages that are told. T is a type of its own, no interface; a
// *T is another one.
func Message[T any](name string) Entry {
	return Entry{func(p *Protocol) error {
		return p.add(&entry{name: name, typ: reflect.TypeFor[T](), decode: decode[T]})
	}}
}

// Question is a type of questions, a pointer to a struct with an actor.Answer[R]
// inside. The answer is written by the protocol's codec too.
func Question[Q actor.Question[R], R any](name string) Entry {
	ask := func(ctx context.Context, to actor.Unit, q any) (wait, error) {
		answer, err := actor.AskAsync[R](ctx, to, q.(Q))
		if err != nil {
			return nil, err
		}
		return func(ctx context.Context) (any, error) { return answer(ctx) }, nil
	}
	return Entry{func(p *Protocol) error {
		return p.add(&entry{name: name, typ: reflect.TypeFor[Q](), decode: decode[Q], ask: ask})
	}}
}

// Failure is an error that keeps what it is on its way: an answer that matches err at
// the actor's place matches err at the asker's. Others arrive as ErrFailed with a text.
func Failure(name string, err error) Entry {
	return Entry{func(p *Protocol) error {
		if err == nil || name == "" || len(name) > maxText || p.named(name) != nil {
			return fmt.Errorf("the failure %q (%v): must be an error with a name of its own, of 1 to %d bytes", name, err, maxText)
		}
		p.failures = append(p.failures, namedError{name, err})
		return nil
	}}
}

func (p *Protocol) add(e *entry) error {
	switch {
	case e.name == "" || len(e.name) > maxText:
		return fmt.Errorf("the name %q of %v: must have 1 to %d bytes", e.name, e.typ, maxText)
	case e.typ.Kind() == reflect.Interface:
		return fmt.Errorf("%v is an interface: name the types that it stands for", e.typ)
	case p.byName[e.name] != nil:
		return fmt.Errorf("the name %q stands for %v and %v", e.name, p.byName[e.name].typ, e.typ)
	case p.byType[e.typ] != nil:
		return fmt.Errorf("%v has the names %q and %q", e.typ, p.byType[e.typ].name, e.name)
	}
	p.byName[e.name], p.byType[e.typ] = e, e
	return nil
}

// check reports what is wrong with p for actors that take messages of the type m.
func (p *Protocol) check(m reflect.Type) error {
	if p == nil {
		return fmt.Errorf("%w: none", ErrProtocol)
	}
	if p.err != nil {
		return p.err
	}
	for _, e := range p.byName {
		if !e.typ.AssignableTo(m) {
			return fmt.Errorf("%w: %q: %v is no %v, which the actor takes", ErrProtocol, e.name, e.typ, m)
		}
	}
	return nil
}

// decode makes a T of data. A pointer is never nil.
func decode[T any](c Codec, data []byte, from Peer) (any, error) {
	var v T
	into := any(&v)
	if t := reflect.TypeFor[T](); t.Kind() == reflect.Pointer {
		v = reflect.New(t.Elem()).Interface().(T)
		into = v
	}
	err := contain.Try("decode a message", func() error { return c.Unmarshal(data, into) })
	if err != nil {
		return nil, err
	}
	if f, is := into.(interface{ setPeer(Peer) }); is {
		f.setPeer(from)
	}
	return v, nil
}

// encode writes v, which is in the protocol.
func (p *Protocol) encode(v any) (e *entry, data []byte, err error) {
	e = p.byType[reflect.TypeOf(v)]
	if e == nil {
		return nil, nil, fmt.Errorf("%w: a %T is not in the protocol", actor.ErrType, v)
	}
	data, err = p.codec.Marshal(v)
	if err != nil {
		return nil, nil, fmt.Errorf("remote: encode %q: %w", e.name, err)
	}
	return e, data, nil
}

// named is the error of that name; nil when there is none.
func (p *Protocol) named(name string) error {
	if p == nil || name == "" {
		return nil
	}
	for _, f := range p.failures {
		if f.name == name {
			return f.err
		}
	}
	return nil
}

// nameOf is the name of the first error that err matches.
func (p *Protocol) nameOf(err error) string {
	if p == nil {
		return ""
	}
	for _, f := range p.failures {
		if errors.Is(err, f.err) {
			return f.name
		}
	}
	return ""
}
