package session

import (
	"runtime"
	"sync"
	"sync/atomic"
)

const (
	// workerBytes is how many bytes to seal or to open are worth a goroutine.
	workerBytes = 32 << 10
	// frameCost is the number of bytes that take as long as what each frame costs
	// whatever its size.
	frameCost = 256
)

// maxWorkers is how many processors one direction of a connection may use: half of
// them, since the other end, the kernel and the program want some too. With two
// processors more workers were measured to gain nothing.
func maxWorkers() int { return max(1, runtime.GOMAXPROCS(0)/2) }

// parallelBytes is how many bytes are sealed or opened before anything goes on.
func parallelBytes() int { return min(2*workerBytes*maxWorkers(), 512<<10) }

// parallel does n independent pieces of work, of so many bytes in all, on several
// processors when it is much, and returns when all are done. A panic of a piece
// becomes the caller's.
func parallel(n, bytes int, piece func(int)) {
	workers := min(n, (bytes+n*frameCost)/workerBytes, maxWorkers())
	if workers < 2 {
		for i := range n {
			piece(i)
		}
		return
	}
	c := &parallelWork{n: n, span: max(1, n/(4*workers)), piece: piece}
	for range workers - 1 {
		c.helpers.Go(c.work)
	}
	c.work()
	c.helpers.Wait()
	if p := c.broken.Load(); p != nil {
		panic(*p)
	}
}

// parallelWork is what is left to do: everybody takes the next span of pieces.
type parallelWork struct {
	n, span int
	piece   func(int)
	next    atomic.Int64
	helpers sync.WaitGroup
	broken  atomic.Pointer[any]
}

func (c *parallelWork) work() {
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
