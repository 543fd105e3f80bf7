package members

import (
	"bytes"
	"strconv"

	"github.com/go-zactor/zactor/internal/logs"
)

// logWriter takes the lines of memberlist's logger: "[WARN] memberlist: text".
type logWriter struct{ m *Members }

var levels = map[string]logs.Level{
	"DEBUG": logs.Debug, "INFO": logs.Info, "WARN": logs.Warn, "ERR": logs.Error, "ERROR": logs.Error,
}

// maxLine bounds a line, which may have text of others in it.
const maxLine = 255

func (w logWriter) Write(line []byte) (int, error) {
	level, text := logs.Debug, bytes.TrimSpace(line)
	if rest, ok := bytes.CutPrefix(text, []byte("[")); ok {
		if name, rest, ok := bytes.Cut(rest, []byte("]")); ok {
			if l, known := levels[string(name)]; known {
				level, text = l, bytes.TrimSpace(rest)
			}
		}
	}
	text = bytes.TrimPrefix(text, []byte("memberlist: "))
	quoted := strconv.Quote(string(text[:min(len(text), maxLine)]))
	plain := quoted[1 : len(quoted)-1]
	if words := foreignIn(plain); words != "" {
		w.m.heardForeign(words, plain)
		return len(line), nil
	}
	w.m.config.log.Write(level, plain, logs.Str("engine", "memberlist"))
	return len(line), nil
}
