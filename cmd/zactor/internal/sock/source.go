package sock

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/go-zactor/zactor/cmd/zactor/internal/cli"
	"github.com/go-zactor/zactor/cmd/zactor/internal/form"
	"github.com/go-zactor/zactor/msg"
)

// source is where messages to be sent come from. Its end is io.EOF.
type source func(ctx context.Context) ([]msg.Msg, error)

// source is -D, -F, or standard input.
func (r *runner) source() (source, func(), error) {
	switch {
	case len(r.data) > 0:
		m, err := r.message()
		if err != nil {
			return nil, nil, err
		}
		return r.again(m), func() {}, nil
	case r.file != "" && r.file != "-":
		return r.fromFile()
	}
	in := r.input(r.app)
	if r.file == "-" && in == form.Text {
		in = form.Raw
	}
	next, stop := inBackground(form.NewReader(in, r.app.Stdin), lineHint(in))
	return next, stop, nil
}

// lineHint shows a line of a form, to whoever has sent one that is none.
func lineHint(f form.Form) string {
	line := f.Append(nil, msg.NewString("hello"))
	if f == form.Text || f == form.Raw {
		return "zactor push --help explains"
	}
	return "a line that is right: " + strings.TrimSpace(string(line))
}

// message is what -D says. It is text with --json, too: who asks for the answer in JSON
// may well send JSON as it is.
func (r *runner) message() (m msg.Msg, err error) {
	in := r.input(r.app)
	if in == form.JSON {
		in = form.Text
	}
	for i, d := range r.data {
		part, err := in.Parse([]byte(d))
		if err != nil {
			return m, cli.Usage(lineHint(in), "-D %w", err)
		}
		if i == 0 {
			m = part
			continue
		}
		m.Frames = append(m.Frames, part.Frames...)
	}
	return m, nil
}

// again is one message as often as -n says; once where it says nothing, and without end
// where -i says how often.
func (r *runner) again(m msg.Msg) source {
	left := max(r.count, 1)
	endless := r.interval > 0 && r.count == 0
	return func(context.Context) (ms []msg.Msg, err error) {
		n := min(left, batchSize)
		if r.interval > 0 {
			n = min(n, 1)
		}
		if n == 0 {
			return nil, io.EOF
		}
		if !endless {
			left -= n
		}
		for range n {
			ms = append(ms, m.Clone())
		}
		return ms, nil
	}
}

func (r *runner) fromFile() (source, func(), error) {
	f, err := os.Open(r.file)
	if err != nil {
		return nil, nil, fmt.Errorf("-F: %w", err)
	}
	in := r.input(r.app)
	if in == form.Text {
		in = form.Raw
	}
	var size uint64
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
		size = uint64(info.Size())
	}
	progress := r.app.Progress(r.kind.name, size, cli.Bytes)
	reader := form.NewReader(in, counted{f, progress})
	return func(context.Context) ([]msg.Msg, error) {
		ms, err := reader.Next(nil, batchSize)
		if err != nil && err != io.EOF {
			err = cli.Failed(lineHint(in), "-F %s: %w", r.file, err)
		}
		return ms, err
	}, func() { progress.Stop(); f.Close() }, nil
}

// counted counts what is read.
type counted struct {
	io.Reader
	progress *cli.Progress
}

func (c counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.progress.Add(uint64(n))
	return n, err
}

// inBackground reads in a goroutine, so that the end of ctx need not wait for a terminal.
// A read that is under way when it is stopped is not awaited.
func inBackground(reader *form.Reader, hint string) (next source, stop func()) {
	type result struct {
		ms  []msg.Msg
		err error
	}
	results := make(chan result, 4)
	done := make(chan struct{})
	go func() {
		for {
			ms, err := reader.Next(nil, batchSize)
			select {
			case results <- result{ms, err}:
			case <-done:
				return
			}
			if err != nil {
				return
			}
		}
	}()
	next = func(ctx context.Context) ([]msg.Msg, error) {
		select {
		case r := <-results:
			if r.err != nil && r.err != io.EOF {
				r.err = cli.Failed(hint, "standard input: %w", r.err)
			}
			return r.ms, r.err
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return next, func() { close(done) }
}
