// Zactor is the command-line tool of the module.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"

	"github.com/go-zactor/zactor/cmd/zactor/demo"
)

const usage = `zactor is the tool of github.com/go-zactor/zactor, ZeroMQ and actors in Go.

usage: zactor <command> [flags]

  demo      start nodes that find each other, work, fail and come back, all over CURVE
  node      be a node of the ZRE network (zyre), and talk to the others
  discover  show who is on the network, by whatever means they are known
  beacon    send and hear UDP beacons
  cert      make and read CURVE certificates
  version   print the version
  help      print this

Each command explains itself with -h. The exit code is 0 if all went well, 1 if
something did not, and 2 if the command line was not understood.
`

// The exit codes.
const (
	exitOK    = 0
	exitUsage = 2
)

func main() {
	// The first signal ends a command in order; the second one ends it at once.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run runs a command line and returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		io.WriteString(stderr, usage)
		return exitUsage
	}
	switch verb, rest := args[0], args[1:]; verb {
	case "demo":
		return demo.Main(ctx, rest, stdout, stderr)
	case "cert":
		return runCert(rest, stdout, stderr)
	case "node":
		return runNode(ctx, rest, os.Stdin, stdout, stderr)
	case "discover":
		return runDiscover(ctx, rest, stdout, stderr)
	case "beacon":
		return runBeacon(ctx, rest, os.Stdin, stdout, stderr)
	case "version", "-version", "--version":
		fmt.Fprintln(stdout, version())
		return exitOK
	case "help", "-h", "-help", "--help":
		io.WriteString(stdout, usage)
		return exitOK
	default:
		fmt.Fprintf(stderr, "zactor: unknown command %q\n\n%s", verb, usage)
		return exitUsage
	}
}

// version is what the Go toolchain has noted in the binary.
func version() string {
	v := "(devel)"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		v = info.Main.Version
	}
	return fmt.Sprintf("zactor %s %s %s/%s", v, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
