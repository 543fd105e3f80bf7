package proc

import (
	"fmt"
	"os"
	"os/exec"
	"testing"

	"go.uber.org/goleak"
)

// roleVariable names the part that a process plays.
const roleVariable = "ZACTOR_TEST_ROLE"

// Roles are the parts that a test program can play as a process of its own. A part ends
// with its input. With
//
//	func TestMain(m *testing.M) { roles.Main(m) }
//
// Role starts one, without building anything.
type Roles map[string]func() error

// Main is for TestMain: it plays the part that this process was started for, and runs the
// tests in all others.
func (r Roles) Main(m *testing.M) {
	r.Play()
	goleak.VerifyTestMain(m)
}

// Play plays the part that this process was started for, and does not return then.
func (r Roles) Play() {
	name := os.Getenv(roleVariable)
	if name == "" {
		return
	}
	if err := r[name](); err != nil {
		fmt.Fprintln(os.Stderr, name+":", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// AsRole is what the environment of this test program has to have in order to play a part.
func AsRole(role string) string { return roleVariable + "=" + role }

// Role starts this test program in one of its parts, with more in its environment.
func Role(t testing.TB, role string, env ...string) *Peer {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), env...), AsRole(role))
	return NewPeer(t, cmd)
}
