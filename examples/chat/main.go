// Chat is a chat without a server: everybody on the network who runs it is in the room.
// A line is for all, "/w bob psst" is for bob alone.
//
//	go run ./examples/chat ann
//	go run ./examples/chat -key ann.txt ann    (encrypted; the key is made when missing)
//	go run ./examples/chat -local ann          (several on one machine)
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log"
	"os"
	"os/signal"
	"strings"

	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/msg"
	"github.com/go-zactor/zactor/zyre"
)

const room = "chat"

// chat prints what happens in the room, and says what is typed, until ctx ends.
func chat(ctx context.Context, n *zyre.Node, in io.Reader, out io.Writer) error {
	go read(ctx, n, in)
	for e := range n.Events(ctx) {
		switch {
		case e.Kind == zyre.Join && e.Group == room:
			fmt.Fprintf(out, "* %s is here\n", e.Name)
		case e.Kind == zyre.Exit:
			fmt.Fprintf(out, "* %s has gone: %v\n", e.Name, e.Reason)
		case e.Kind == zyre.Shout:
			fmt.Fprintf(out, "%s: %q\n", e.Name, e.Msg.PopString())
		case e.Kind == zyre.Whisper:
			fmt.Fprintf(out, "%s whispers: %q\n", e.Name, e.Msg.PopString())
		}
	}
	return n.Close()
}

// read says what is typed. It ends with the input; a terminal can't be interrupted.
func read(ctx context.Context, n *zyre.Node, in io.Reader) {
	for lines := bufio.NewScanner(in); lines.Scan(); {
		name, text, whisper := strings.Cut(strings.TrimPrefix(lines.Text(), "/w "), " ")
		if whisper = whisper && strings.HasPrefix(lines.Text(), "/w "); !whisper {
			_ = n.Shout(ctx, room, msg.NewString(lines.Text()))
			continue
		}
		for _, p := range n.Peers() {
			if p.Name == name {
				_ = n.Whisper(ctx, p.ID, msg.NewString(text))
			}
		}
	}
}

// load reads a certificate, or makes one.
func load(path string) (*cert.Cert, error) {
	c, err := cert.Load(path)
	if errors.Is(err, fs.ErrNotExist) {
		if c, err = cert.New(); err == nil {
			err = c.Save(path)
		}
	}
	return c, err
}

// run makes a node and chats. A test gives it options that put it on a LAN in memory.
func run(ctx context.Context, in io.Reader, out io.Writer, args []string, opts ...zyre.Option) error {
	flags := flag.NewFlagSet("chat", flag.ContinueOnError)
	local := flags.Bool("local", false, "meet those of this machine only")
	port := flags.Int("port", 5670, "the UDP port on which all meet")
	key := flags.String("key", "", "a certificate file, to encrypt everything")
	if err := flags.Parse(args); err != nil {
		return err
	}
	opts = append(opts, zyre.WithPort(*port), zyre.WithGroups(room))
	if *local {
		opts = append(opts, zyre.WithLoopback(true))
	}
	if *key != "" {
		c, err := load(*key)
		if err != nil {
			return err
		}
		opts = append(opts, zyre.WithCurve(c, nil)) // a store here would be a guest list
	}
	n, err := zyre.New(ctx, flags.Arg(0), opts...)
	if err != nil {
		return err
	}
	if err := chat(ctx, n, in, out); ctx.Err() == nil {
		return err
	}
	return nil // Ctrl-C, also when nobody was there any more to hear the goodbye
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdin, os.Stdout, os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}
