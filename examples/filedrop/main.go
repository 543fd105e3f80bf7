// Filedrop hands files to people on the network, by their names. The one who takes
// asks for a few chunks ahead, and for one more with each that has come: so a file of any
// size goes as fast as both can, and never more of it is on its way than that.
//
//	go run ./examples/filedrop take ann DIR     (until it is interrupted)
//	go run ./examples/filedrop drop ann FILE    (waits for ann to be there)
//	go run ./examples/filedrop -local ...       (both on one machine)
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"

	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zyre"
)

const (
	chunk  = 64 << 10 // bytes
	credit = 8        // chunks that are asked for ahead
)

// drop offers a file to whoever enters with a name, sends the chunks that are asked for,
// and ends when all have arrived.
//
//	OFFER name size    from the one who drops; answered with FETCH, or NO and a reason
//	FETCH offset       answered with a chunk, CHUNK bytes
//	DONE               the file is complete
func drop(ctx context.Context, out io.Writer, n *zyre.Node, who, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	size := info.Size()
	for e := range n.Events(ctx) {
		if e.Kind == zyre.Enter && e.Name == who {
			whisper(ctx, n, e.Peer, "OFFER", filepath.Base(path), strconv.FormatInt(size, 10))
		}
		if e.Kind != zyre.Whisper || e.Name != who {
			continue
		}
		switch e.Msg.PopString() {
		case "FETCH":
			bytes := make([]byte, chunk)
			offset, _ := strconv.ParseInt(e.Msg.PopString(), 10, 64)
			count, _ := file.ReadAt(bytes, offset) // nothing is a chunk, too
			whisper(ctx, n, e.Peer, "CHUNK", string(bytes[:count]))
		case "NO":
			return fmt.Errorf("%s does not take it: %q", who, e.Msg.PopString())
		case "DONE":
			fmt.Fprintf(out, "%s has %s, %d bytes\n", who, filepath.Base(path), size)
			return nil
		}
	}
	return nil // Ctrl-C
}

// whisper says something to a peer, which may be gone by now: its EXIT says so.
func whisper(ctx context.Context, n *zyre.Node, to zyre.ID, frames ...string) {
	_ = n.Whisper(ctx, to, msg.NewString(frames...))
}

// run takes or drops. A test gives it options that put its node on a LAN in memory.
func run(ctx context.Context, out io.Writer, args []string, opts ...zyre.Option) error {
	flags := flag.NewFlagSet("filedrop", flag.ContinueOnError)
	local := flags.Bool("local", false, "meet those of this machine only")
	port := flags.Int("port", 5670, "the UDP port on which all meet")
	if err := flags.Parse(args); err != nil {
		return err
	}
	opts = append(opts, zyre.WithPort(*port))
	if *local {
		opts = append(opts, zyre.WithLoopback(true))
	}
	role, who, path := flags.Arg(0), flags.Arg(1), flags.Arg(2)
	if path == "" || role != "take" && role != "drop" {
		return errors.New("usage: filedrop [-local] take NAME DIR | filedrop [-local] drop NAME FILE")
	}
	name := map[string]string{"take": who}[role]
	n, err := zyre.New(ctx, name, opts...)
	if err != nil {
		return err
	}
	defer n.Close()
	if role == "take" {
		return take(ctx, out, n, path)
	}
	return drop(ctx, out, n, who, path)
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}
