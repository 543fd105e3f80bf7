package zmq

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-zactor/zactor/internal/durable"
	"github.com/go-zactor/zactor/internal/link"
	"github.com/go-zactor/zactor/internal/swap"
)

// onDisk has a new stream keep its messages on disk: in a folder that nobody else can open
// and that ends with the process. Nothing here waits for the disk.
func (f *pub) onDisk(st *durableStream, o *options) {
	st.kept.OnDisk(durable.Disk{
		Open:     func() (*swap.Log, error) { return f.openKept(o) },
		Ready:    func() { f.diskReady(st) },
		Failed:   func(err error) { f.s.swapFailed("", swapError(err)) },
		Panicked: f.s.failed,
		Waiting:  &f.streams.waiting,
	})
}

// openKept makes the log of a stream. The caller holds no lock.
func (f *pub) openKept(o *options) (*swap.Log, error) {
	dir, err := f.s.nests.next(o.swapDir, f.s.typ.String()+"-peer-")
	if err != nil {
		return nil, err
	}
	f.streams.looked.Do(func() {
		for _, old := range keptBefore(o.swapDir, f.s.typ.String()+"-durable-") {
			f.s.swapFailed("", old)
		}
	})
	return swap.Open(swap.Config{
		Dir: dir, Max: max(0, o.swapBytes), Temporary: true, Window: true, Disk: f.s.zc.disk,
		Report: func(d swap.Damage) {
			f.s.event(link.Event{Kind: link.Gap, Value: uint32(min(d.Lost, 1<<32-1)), Err: d})
		},
	})
}

// keptBefore names the files that an earlier version has made: it left them when its
// process was killed. They can't be read, because the numbers of the messages were in
// that process; they are not removed, because the process may run.
func keptBefore(dir, prefix string) (left []error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	for _, e := range entries {
		if e.Type().IsRegular() && strings.HasPrefix(e.Name(), prefix) {
			left = append(left, fmt.Errorf("%w: %s: messages for durable subscribers, in the format of an earlier version; "+
				"nothing can read them without the process that wrote them: remove the file when that process has ended",
				ErrSwap, filepath.Join(dir, e.Name())))
		}
	}
	return left
}
