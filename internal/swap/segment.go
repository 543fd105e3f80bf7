package swap

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// segment is one file of the log.
type segment struct {
	path  string
	first uint64 // number of its first record
	end   uint64 // number behind its last
	size  int64
}

const suffix = ".swap"

func segmentPath(dir string, first uint64) string {
	return filepath.Join(dir, fmt.Sprintf("%020d%s", first, suffix))
}

// listSegments finds the segments of a directory, in order; their sizes and ends are
// not known yet.
func listSegments(dir string) (list []*segment, err error) {
	entries, err := os.ReadDir(dir) // sorted by name, which is by number
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), suffix)
		if !ok || !e.Type().IsRegular() { // a link may lead anywhere
			continue
		}
		first, err := strconv.ParseUint(name, 10, 64)
		if err != nil {
			continue // not ours
		}
		list = append(list, &segment{path: filepath.Join(dir, e.Name()), first: first})
	}
	return list, nil
}

// check reads a segment whose first record should be next, and finds its end. A torn
// tail is cut off if nothing follows the segment. Damage is reported.
func (s *segment) check(next uint64, last bool, report func(Damage)) error {
	b, err := os.ReadFile(s.path)
	if err != nil {
		return err
	}
	at := 0
	for {
		h, payload, f, why := look(b[at:], next)
		switch {
		case f == foundRecord && h.seq > next:
			report(Damage{s.path, int64(at), "records are missing", h.seq - next})
			fallthrough
		case f == foundRecord:
			next = h.seq + 1
			at += headerSize + len(payload)
			continue
		case f == foundBad || f == foundTorn && !last:
			skip := resync(b[at:], next)
			if at+skip < len(b) {
				h, _ := parseHeader(b[at+skip:])
				report(Damage{s.path, int64(at), reason(why), h.seq - next})
				next, at = h.seq, at+skip
				continue
			}
			report(Damage{s.path, int64(at), reason(why), 1})
			next++ // at least; the next segment knows
		}
		break
	}
	s.end, s.size = next, int64(len(b))
	if last && at < len(b) {
		s.size = int64(at)
		return os.Truncate(s.path, s.size)
	}
	return nil
}

func reason(why string) string {
	if why == "" {
		return "the file ends within a record"
	}
	return why
}

// sizeUpTo is the size of the segment without the records from that number on.
func (s *segment) sizeUpTo(from uint64) (int64, error) {
	b, err := os.ReadFile(s.path)
	if err != nil {
		return 0, err
	}
	at := 0
	for {
		h, payload, f, _ := look(b[at:], 0)
		if f != foundRecord || h.seq >= from {
			return int64(at), nil
		}
		at += headerSize + len(payload)
	}
}
