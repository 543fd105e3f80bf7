package cli

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"testing"
)

func TestWords(t *testing.T) {
	for text, want := range map[string]string{
		"zmq: recv on PULL: no peer: nobody is connected to tcp://127.0.0.1:5999 (try again: i/o timeout)": "recv on PULL: no peer: nobody is connected to tcp://127.0.0.1:5999",
		"no peer: tcp://127.0.0.1:5: dial tcp4 127.0.0.1:5: connect: connection refused (3 attempts)":      "no peer: tcp://127.0.0.1:5: connection refused (3 attempts)",
		"tcp://h:5: dial tcp4 192.0.2.1:5: connect: connection refused":                                    "tcp://h:5: dial tcp4 192.0.2.1:5: connect: connection refused",
		`invalid argument "x" for "-n, --count" flag: strconv.ParseInt: parsing "x": invalid syntax`:       `invalid argument "x" for "-n, --count" flag: want a whole number`,
		"one\ntwo": "one; two",
	} {
		if got := Words(text); got != want {
			t.Errorf("%q becomes\n%q, want\n%q", text, got, want)
		}
	}
}

// Who binds what it can't is told what it can.
func TestHintsOfBind(t *testing.T) {
	for _, e := range []error{syscall.EADDRNOTAVAIL, syscall.EACCES} {
		if h := Hint(fmt.Errorf("bind: %w", os.NewSyscallError("bind", e))); h == "" {
			t.Errorf("no hint for %v", e)
		}
	}
	if h := Hint(errors.New("bind")); h != "" {
		t.Errorf("the hint for nothing known is %q", h)
	}
}
