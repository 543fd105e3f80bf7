package main

import (
	"context"
	"fmt"
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
func take(ctx context.Context, n *zyre.Node, path string) {
	dir := must(os.OpenRoot(path)) // whatever a file is called, it stays in there
	defer dir.Close()
	files := map[zyre.ID]*taken{}
	defer n.Close()
	fmt.Println("waiting for files, as", n.Name())
	for e := range n.Events(ctx) {
		t, kind := files[e.Peer], ""
		if e.Kind == zyre.Whisper {
			kind = e.Msg.PopString()
		}
		switch {
		case e.Kind == zyre.Exit && t != nil, kind == "OFFER" && t != nil:
			fmt.Printf("%q is not complete\n", t.name)
			check(t.file.Close())
			check(dir.Remove(t.name))
			delete(files, e.Peer)
		case kind == "OFFER":
			t, err := offered(dir, e.Msg.PopString(), e.Msg.PopString())
			if err != nil {
				whisper(ctx, n, e.Peer, "NO", err.Error())
				continue
			}
			fmt.Printf("taking %q, %d bytes\n", t.name, t.size)
			files[e.Peer] = t
			for range credit {
				t.fetch(ctx, n, e.Peer)
			}
		case kind == "CHUNK" && t != nil:
			t.got += int64(must(t.file.Write(e.Msg.Pop())))
			t.fetch(ctx, n, e.Peer)
		}
		if t = files[e.Peer]; t != nil && t.got >= t.size {
			check(t.file.Close())
			whisper(ctx, n, e.Peer, "DONE")
			fmt.Printf("got %q, %d bytes\n", t.name, t.got)
			delete(files, e.Peer)
		}
	}
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
