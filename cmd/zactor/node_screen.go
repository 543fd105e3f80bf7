package main

import (
	"bufio"
	"context"
	"io"
	"os"
	"sync"

	"golang.org/x/term"
)

// A screen is where a user types and reads. On a terminal a line that is being typed
// stays whole while others are printed; elsewhere it is lines in and lines out.
type screen struct {
	io.Writer
	terminal bool
	lines    chan string       // closed at the end of the input
	prompt   func(text string) // is shown with the next line; input begins with the first
	close    func()
}

// mostTyped is how long a line of input may be.
const mostTyped = 1 << 20

// newScreen begins to read lines. It goes on until the input or ctx ends.
func newScreen(ctx context.Context, in io.Reader, out io.Writer) (*screen, error) {
	s := &screen{Writer: out, lines: make(chan string), prompt: func(string) {}, close: func() {}}
	from, to := terminalOf(in), terminalOf(out)
	if from == nil || to == nil {
		lines := bufio.NewScanner(in)
		lines.Buffer(nil, mostTyped)
		go s.read(ctx, func() (string, bool) {
			more := lines.Scan()
			return lines.Text(), more
		})
		return s, nil
	}
	return s, s.onTerminal(ctx, from, to)
}

func (s *screen) onTerminal(ctx context.Context, in, out *os.File) error {
	old, err := term.MakeRaw(int(in.Fd()))
	if err != nil {
		return err
	}
	w := newWindow(in, out, func() (int, int, error) { return term.GetSize(int(out.Fd())) })
	t := w.Terminal
	s.terminal, s.Writer = true, w
	var first sync.Once // reading shows the prompt, so there has to be one
	s.prompt = func(text string) {
		t.SetPrompt(text)
		first.Do(func() { go s.read(ctx, line(t)) })
	}
	s.close = func() {
		io.WriteString(out, "\r\n")
		term.Restore(int(in.Fd()), old)
	}
	return nil
}

// A window is a terminal that has the size of its window: it looks whenever something is
// typed or printed, since not every system tells of a change.
type window struct {
	*term.Terminal
	size func() (width, height int, err error)

	mu            sync.Mutex
	width, height int // guarded by mu
}

func newWindow(in io.Reader, out io.Writer, size func() (width, height int, err error)) *window {
	w := &window{size: size}
	w.Terminal = term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{typed{in, w}, out}, "")
	w.look()
	return w
}

// typed is what is typed at a window.
type typed struct {
	io.Reader
	window *window
}

func (t typed) Read(p []byte) (int, error) {
	n, err := t.Reader.Read(p)
	t.window.look() // the Terminal is not locked while it reads
	return n, err
}

func (w *window) Write(p []byte) (int, error) {
	w.look()
	return w.Terminal.Write(p)
}

// look takes over the size. A wrong one is only ugly, so that errors say nothing.
func (w *window) look() {
	w.mu.Lock()
	defer w.mu.Unlock()
	width, height, err := w.size()
	if err != nil || width < 1 || width == w.width && height == w.height {
		return
	}
	w.width, w.height = width, height
	_ = w.SetSize(width, height)
}

// line reads lines from a terminal. Ctrl-C and Ctrl-D are the end.
func line(t *term.Terminal) func() (string, bool) {
	return func() (string, bool) {
		text, err := t.ReadLine()
		return text, err == nil
	}
}

// read hands lines on. It is owned by ctx, but for a read that is under way: neither
// terminals nor pipes can be interrupted, and the process ends soon.
func (s *screen) read(ctx context.Context, next func() (string, bool)) {
	defer close(s.lines)
	for {
		line, ok := next()
		if !ok {
			return
		}
		select {
		case s.lines <- line:
		case <-ctx.Done():
			return
		}
	}
}

// terminalOf is the file behind a stream, if it is a terminal.
func terminalOf(stream any) *os.File {
	if f, ok := stream.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return f
	}
	return nil
}
