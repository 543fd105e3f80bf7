package wire

import "errors"

// script is a Mechanism that plays a list of steps: the first on Start, and one
// more for each command or permission. It checks that it is driven as promised.
type script struct {
	name   string
	server bool
	steps  []Step
	calls  []string // what it was called with
	fail   error    // returned by Command, if set
	sealer Sealer
	closed int
}

var errScript = errors.New("script failed")

func (s *script) Name() string   { return s.name }
func (s *script) AsServer() bool { return s.server }
func (s *script) Sealer() Sealer { return s.sealer }
func (s *script) Close()         { s.closed++ }

func (s *script) next(call string) (Step, error) {
	s.calls = append(s.calls, call)
	if len(s.steps) == 0 {
		return Step{}, errors.New("called " + call + " after the end of the script")
	}
	step := s.steps[0]
	s.steps = s.steps[1:]
	return step, nil
}

func (s *script) Start(metadata []byte) (Step, error) {
	step, err := s.next("start")
	if step.Send != nil {
		step.Send = append(step.Send, metadata...)
	}
	return step, err
}

func (s *script) Command(name string, body []byte) (Step, error) {
	if s.fail != nil {
		return Step{}, s.fail
	}
	step, err := s.next(name[1:])
	if step.Await == Done && step.Metadata == nil {
		step.Metadata = body[len(name):]
	}
	return step, err
}

func (s *script) Allow() (Step, error) { return s.next("allow") }

// nullScript behaves as the NULL mechanism does.
func nullScript() *script {
	return &script{name: "NULL", steps: []Step{{Send: []byte(NameReady), Await: AwaitReady}, {Await: Done}}}
}

// awaiting is a mechanism that waits for one thing, and is done when it came.
func awaiting(a Await) *script {
	done := Step{Await: Done, Metadata: AppendProperty(nil, "Socket-Type", []byte("ROUTER"))}
	return &script{name: "NULL", steps: []Step{{Await: a}, done}}
}
