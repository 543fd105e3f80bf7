package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/go-zactor/zactor/zyre"
)

// taken is a file that a peer drops.
type taken struct {
	file             *os.File
	name             string
	size, asked, got int64 // bytes
}

// take takes files into a folder, from several peers at once, one file of each.
func take(ctx context.Context, out io.Writer, n *zyre.Node, path string) error {
	dir, err := os.OpenRoot(path) // whatever a file is called, it stays in there
	if err != nil {
		return err
	}
	defer dir.Close()
	files := map[zyre.ID]*taken{}
	fmt.Fprintln(out, "waiting for files, as", n.Name())
	for e := range n.Events(ctx) {
		t, kind := files[e.Peer], ""
		if e.Kind == zyre.Whisper {
			kind = e.Msg.PopString()
		}
		switch {
		case e.Kind == zyre.Exit && t != nil, kind == "OFFER" && t != nil:
			fmt.Fprintf(out, "%q is not complete\n", t.name)
			if err := errors.Join(t.file.Close(), dir.Remove(t.name)); err != nil {
				return err
			}
			delete(files, e.Peer)
		case kind == "OFFER":
			t, err := offered(dir, e.Msg.PopString(), e.Msg.PopString())
			if err != nil {
				whisper(ctx, n, e.Peer, "NO", err.Error())
				continue
			}
			fmt.Fprintf(out, "taking %q, %d bytes\n", t.name, t.size)
			files[e.Peer] = t
			for range credit {
				t.fetch(ctx, n, e.Peer)
			}
		case kind == "CHUNK" && t != nil:
			wrote, err := t.file.Write(e.Msg.Pop())
			if err != nil {
				return err
			}
			t.got += int64(wrote)
			t.fetch(ctx, n, e.Peer)
		}
		if t = files[e.Peer]; t != nil && t.got >= t.size {
			if err := t.file.Close(); err != nil {
				return err
			}
			whisper(ctx, n, e.Peer, "DONE")
			fmt.Fprintf(out, "got %q, %d bytes\n", t.name, t.got)
			delete(files, e.Peer)
		}
	}
	return nil // Ctrl-C
}

// offered makes the file of an offer. It never replaces one.
func offered(dir *os.Root, name, size string) (*taken, error) {
	t := &taken{name: filepath.Base(name)}
	var err error
	if t.size, err = strconv.ParseInt(size, 10, 64); err != nil {
		return nil, err
	}
	t.file, err = dir.OpenFile(t.name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	return t, err
}

// fetch gives a credit: it asks for the next chunk, if there is one.
func (t *taken) fetch(ctx context.Context, n *zyre.Node, from zyre.ID) {
	if t.asked < t.size {
		whisper(ctx, n, from, "FETCH", strconv.FormatInt(t.asked, 10))
		t.asked += chunk
	}
}
