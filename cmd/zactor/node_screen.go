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
	t := term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{in, out}, "")
	if width, height, err := term.GetSize(int(out.Fd())); err == nil && width > 0 {
		_ = t.SetSize(width, height) // a wrong size is only ugly
	}
	s.terminal, s.Writer = true, t
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
