package zloop

import "context"

// Post has fn called on the loop's goroutine: in the next pass, in the order of
// the Posts. It is the way for other goroutines to touch what belongs to the
// handlers. It never blocks; when too many functions wait it returns ErrPostFull,
// on a closed loop ErrClosed, and for nil ErrHandler.
// What is posted to a loop that is not running waits for Run.
func (l *Loop) Post(fn func() error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case fn == nil:
		return ErrHandler
	case l.closed:
		return ErrClosed
	case len(l.posts) >= l.postLimit:
		return ErrPostFull
	}
	l.posts = append(l.posts, fn)
	l.rescan()
	return nil
}

// runPosts calls what was posted before this pass; a function that posts itself
// again waits for the next, so that it starves nobody.
func (l *Loop) runPosts(ctx context.Context) error {
	l.mu.Lock()
	n := len(l.posts)
	l.mu.Unlock()
	for range n {
		if err := ctx.Err(); err != nil {
			return err
		}
		fn := l.nextPost()
		if fn == nil {
			return nil
		}
		if err := fn(); err != nil {
			return err
		}
	}
	return nil
}

// nextPost takes the next function; nil when there is none.
func (l *Loop) nextPost() func() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.posts) == 0 {
		return nil
	}
	fn := l.posts[0]
	l.posts[0] = nil
	l.posts = l.posts[1:]
	return fn
}
