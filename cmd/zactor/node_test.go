package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-zactor/zactor/internal/ztest/proc"
)

// Three processes talk: to all, to one, to a group; and see who comes, what it is, and
// when it goes.
func TestNode(t *testing.T) {
	port := udpPort(t)
	node := func(args ...string) []string { return append([]string{"node", "-local", "-port", port}, args...) }
	ann, toAnn := proc.Typed(t, node("-header", "X-ROLE=camera", "ann")...)
	ann.Expect(`^you are ann, node [0-9A-F]{32}, at tcp://127\.0\.0\.1:\d+$`)
	bob, toBob := proc.Typed(t, node("-wait", "1", "bob")...)
	typeTo(t, toBob, "hello", "/whisper ann psst", "/join attic", "/wait 2", "/peers")
	bob.Expect(`^\+ ann is here: node [0-9A-F]{32} at tcp://127\.0\.0\.1:\d+, X-ROLE=camera$`)
	bob.Expect(`^\+ ann has joined CHAT$`)
	ann.Expect(`^\[CHAT\] bob: hello$`)
	ann.Expect(`^bob whispers: psst$`)
	ann.Expect(`^\+ bob has joined attic$`)

	cleo, toCleo := proc.Typed(t, node("-group", "attic", "cleo")...)
	ann.Expect(`^\+ cleo is here: `) // who leaves before that was never there
	bob.Expect(`^[0-9A-F]{6,} +(ann|cleo) +tcp://.* in `)
	bob.Expect(`^2 peers$`)
	typeTo(t, toBob, "only for the attic", "/shout CHAT for all", "/leave attic", "/groups")
	cleo.Expect(`^\[attic\] bob: only for the attic$`)
	cleo.Expect(`^- bob has left attic$`)
	ann.Expect(`^\[CHAT\] bob: for all$`)
	bob.Expect(`^CHAT: you and 1 more$`)

	typeTo(t, toCleo, "/header X-ROLE=\x1b[2J", "/wait 2", "/whisper nobody x", "/fly", "/whisper ann", "/header", "/help")
	ann.Expect(`^- cleo is gone: goodbye$`)
	ann.Expect(`^\+ cleo is here: .*, X-ROLE="\\x1b\[2J"$`)
	for _, want := range []string{`^! "nobody": nobody is called that`, `^! /fly: no such command`, `^! too few`, `^! too few`, `^/whisper PEER TEXT +say`} {
		cleo.Expect(want)
	}
	typeTo(t, toCleo, "/quit")
	ann.Expect(`^- cleo is gone: goodbye$`)
	toBob.Close()
	bob.Wait()
	ann.Expect(`^- bob is gone: goodbye$`)
	toAnn.Close()
	if out := ann.Wait(); strings.Contains(out, "attic] bob") {
		t.Errorf("ann heard what was for the attic:\n%s", out)
	}
}

// A script that can't be said fails, after the rest of it.
func TestNodeFailure(t *testing.T) {
	failed, in := proc.Typed(t, "node", "-local", "-port", udpPort(t), "ann")
	typeTo(t, in, "is anybody there?", "/groups")
	failed.Expect(`^! nobody else is in CHAT$`)
	failed.Expect(`^CHAT: you and 0 more$`)
	in.Close()
	failed.Expect("zactor node: not every line")
	stays := proc.Start(t, "node", "-local", "-port", udpPort(t), "-stay")
	stays.Expect("^you are ")
	stays.Interrupt()
	proc.Start(t, "node", "-local", "-port", udpPort(t), "-stay", "-for", "50ms").Wait()
}

// With certificates, only those meet whose keys are known; who is refused is told on both
// sides, with what to copy where.
func TestNodeCurve(t *testing.T) {
	dir, port := t.TempDir(), udpPort(t)
	trusted := filepath.Join(dir, "trusted")
	if err := os.Mkdir(trusted, 0o700); err != nil {
		t.Fatal(err)
	}
	runCertIn(t, exitOK, "new", filepath.Join(dir, "bob"))
	runCertIn(t, exitOK, "public", "-o", filepath.Join(trusted, "bob"), filepath.Join(dir, "bob"))
	node := func(name string, args ...string) *proc.Process {
		args = append([]string{"node", "-local", "-port", port, "-stay", "-cert", filepath.Join(dir, name)}, args...)
		return proc.Start(t, append(args, name)...)
	}
	runCertIn(t, exitOK, "new", filepath.Join(dir, "ann"))
	runCertIn(t, exitOK, "new", filepath.Join(dir, "eve"))
	eve, ann := node("eve"), node("ann", "-trust", trusted)
	ann.Expect("^you are ann")
	eve.Expect("^you are eve")
	ann.Expect(`^! (a node|node [0-9A-F]{32}) at tcp://127\.0\.0\.1.*: refused: its key is not trusted here .*: add its certificate to those that this node trusts$`)
	ann.Expect(`^!   copy its certificate into .*trusted; its public key is .{40}$`)
	eve.Expect(`^! node [0-9A-F]{32} at tcp://127\.0\.0\.1:\d+: refused: it does not trust the key of this node, [0-9a-f]{8}: add this node's certificate to those that it trusts$`)
	eve.Expect(`^!   copy .*eve there, into the directory of its --trust$`)
	bob := node("bob")
	ann.Expect(`^\+ bob is here`)
	bob.Expect(`^\+ ann is here`)
	if out := ann.Interrupt(); strings.Contains(out, "eve") {
		t.Errorf("ann met eve:\n%s", out)
	}
}
