package session

import (
	"runtime"
	"sync"
	"sync/atomic"
)

const (
	// crewShare is how many bytes to seal or to open are worth a goroutine.
	crewShare = 32 << 10
	// crewFrame is the number of bytes that take as long as what each frame costs
	// whatever its size.
	crewFrame = 256
)

// crewHands is how many processors one direction of a connection may use: half of
// them, since the other end, the kernel and the program want some too. With two
// processors more hands were measured to gain nothing.
func crewHands() int { return max(1, runtime.GOMAXPROCS(0)/2) }

// crewBatch is how many bytes are sealed or opened before anything goes on.
func crewBatch() int { return min(2*crewShare*crewHands(), 512<<10) }

// crew does n independent pieces of work, of so many bytes in all, on several
// processors when it is much, and returns when all are done. A panic of a piece
// becomes the caller's.
func crew(n, bytes int, piece func(int)) {
	hands := min(n, (bytes+n*crewFrame)/crewShare, crewHands())
	if hands < 2 {
		for i := range n {
			piece(i)
		}
		return
	}
	c := &crewWork{n: n, span: max(1, n/(4*hands)), piece: piece}
	for range hands - 1 {
		c.helpers.Go(c.work)
	}
	c.work()
	c.helpers.Wait()
	if p := c.broken.Load(); p != nil {
		panic(*p)
	}
}

// crewWork is what is left to do: everybody takes the next span of pieces.
type crewWork struct {
	n, span int
	piece   func(int)
	next    atomic.Int64
	helpers sync.WaitGroup
	broken  atomic.Pointer[any]
}

func (c *crewWork) work() {
	defer func() {
		if p := recover(); p != nil {
			c.broken.Store(&p)
		}
	}()
	for {
		end := int(c.next.Add(int64(c.span)))
		for i := end - c.span; i < min(end, c.n); i++ {
			c.piece(i)
		}
		if end >= c.n {
			return
		}
	}
}
