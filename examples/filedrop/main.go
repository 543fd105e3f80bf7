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
	"flag"
	"fmt"
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

func main() {
	local := flag.Bool("local", false, "meet those of this machine only")
	port := flag.Int("port", 5670, "the UDP port on which all meet")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	opts := []zyre.Option{zyre.WithPort(*port)}
	if *local {
		opts = append(opts, zyre.WithLoopback(true))
	}
	role, who, path := flag.Arg(0), flag.Arg(1), flag.Arg(2)
	switch {
	case role == "take" && path != "":
		take(ctx, must(zyre.New(ctx, who, opts...)), path)
	case role == "drop" && path != "":
		drop(ctx, must(zyre.New(ctx, "", opts...)), who, path)
	default:
		log.Fatal("usage: filedrop [-local] take NAME DIR | filedrop [-local] drop NAME FILE")
	}
}

// drop offers a file to whoever enters with a name, sends the chunks that are asked for,
// and ends when all have arrived.
//
//	OFFER name size    from the one who drops; answered with FETCH, or NO and a reason
//	FETCH offset       answered with a chunk, CHUNK bytes
//	DONE               the file is complete
func drop(ctx context.Context, n *zyre.Node, who, path string) {
	file := must(os.Open(path))
	defer file.Close()
	size := must(file.Stat()).Size()
	defer n.Close()
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
			log.Fatalf("%s does not take it: %q", who, e.Msg.PopString())
		case "DONE":
			fmt.Printf("%s has %s, %d bytes\n", who, filepath.Base(path), size)
			return
		}
	}
}

// whisper says something to a peer, which may be gone by now: its EXIT says so.
func whisper(ctx context.Context, n *zyre.Node, to zyre.ID, frames ...string) {
	_ = n.Whisper(ctx, to, msg.NewString(frames...))
}

func must[T any](v T, err error) T {
	check(err)
	return v
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
