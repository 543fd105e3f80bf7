package members

import (
	"bytes"
	"strconv"

	"github.com/rs/zerolog"
)

// logWriter takes the lines of memberlist's logger: "[WARN] memberlist: text".
type logWriter struct{ log zerolog.Logger }

var levels = map[string]zerolog.Level{
	"DEBUG": zerolog.DebugLevel, "INFO": zerolog.InfoLevel, "WARN": zerolog.WarnLevel, "ERR": zerolog.ErrorLevel, "ERROR": zerolog.ErrorLevel,
}

// maxLine bounds a line, which may have text of others in it.
const maxLine = 255

func (w logWriter) Write(line []byte) (int, error) {
	level, text := zerolog.DebugLevel, bytes.TrimSpace(line)
	if rest, ok := bytes.CutPrefix(text, []byte("[")); ok {
		if name, rest, ok := bytes.Cut(rest, []byte("]")); ok {
			if l, known := levels[string(name)]; known {
				level, text = l, bytes.TrimSpace(rest)
			}
		}
	}
	text = bytes.TrimPrefix(text, []byte("memberlist: "))
	quoted := strconv.Quote(string(text[:min(len(text), maxLine)]))
	w.log.WithLevel(level).Str("engine", "memberlist").Msg(quoted[1 : len(quoted)-1])
	return len(line), nil
}
