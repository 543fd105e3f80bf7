//go:build unix

package yield

import (
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Go's scheduler looks at the network when a processor has nothing else to do, or when
// nobody has looked for 10 ms. Where all processors are busy, with goroutines that give them
// up to each other, what one small peer sends is not heard of until then, and each of its
// questions takes as long. No function of the runtime asks for a look. But a goroutine that
// waits for a descriptor has its processor look, when that finds nobody else to run; so this
// one waits for a byte that it writes itself. Whoever was ready before it runs before it.
type network struct {
	mu   sync.Mutex
	read syscall.RawConn
	end  *os.File // where read's bytes come from
	next atomic.Int64
}

// between is how long nobody looks again: a look of its own takes 4 µs. How long it has taken
// says nothing, as others run meanwhile.
const between = 100 * time.Microsecond

var looks = sync.OnceValue(func() *network {
	r, w, err := os.Pipe()
	if err != nil {
		return nil
	}
	conn, err := r.SyscallConn()
	if err != nil {
		return nil
	}
	return &network{read: conn, end: w}
})

// pollNetwork has the scheduler look, and those run who were waiting for what has come.
func pollNetwork() {
	n := looks()
	if n == nil || !isOver(&n.next) || !n.mu.TryLock() {
		return
	}
	defer n.mu.Unlock()
	n.look()
	n.next.Store(since() + int64(between))
}

func (n *network) look() {
	var b [1]byte
	written := false
	_ = n.read.Read(func(fd uintptr) bool {
		if !written {
			_, err := n.end.Write(b[:])
			written = true
			return err != nil
		}
		_, err := syscall.Read(int(fd), b[:])
		return err != syscall.EAGAIN && err != syscall.EINTR
	})
}
