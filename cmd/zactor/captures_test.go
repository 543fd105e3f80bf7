package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"github.com/go-zactor/zactor/internal/ztest/proc"
)

// captures are the screens of docs/captures: how wide they are, and whether the lines of
// each must be said by the program that there is today. testdata/captures.sh makes them.
var captures = map[string]struct {
	width  int    // that no line is wider than; 0: lines are whole, however wide
	replay string // where what it shows is said again
}{
	"pubsub.txt":         {0, "shell"},
	"node-80.txt":        {80, "node"},
	"node-200.txt":       {200, "node"},
	"node-resized.txt":   {120, "node"},
	"node-ctrl-c.txt":    {200, "node"},
	"top-80.txt":         {80, "top"},
	"top-140.txt":        {140, "top"},
	"top-resized.txt":    {120, "top"},
	"top-nocolor.txt":    {100, "top"},
	"top-dumb.txt":       {80, "top"},
	"top-ctrl-c.txt":     {140, ""},
	"monitor.txt":        {100, "monitor"},
	"bench.txt":          {110, "bench"},
	"bench-progress.txt": {110, ""}, // package cli compares it with its own
}

func capture(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../../docs/captures", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Each screen is one that this file knows and captures.sh makes, fits into its window, and has
// what its terminal could show.
func TestCapturesAreWhole(t *testing.T) {
	script, err := os.ReadFile("testdata/captures.sh")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("../../docs/captures/*")
	if err != nil || len(files) != len(captures) {
		t.Errorf("%d files, and %d are known: %v", len(files), len(captures), err)
	}
	for name, c := range captures {
		text := capture(t, name)
		made := strings.NewReplacer("node-80.txt", "node-$w.txt", "node-200.txt", "node-$w.txt").Replace(name)
		if !strings.Contains(string(script), "$OUT/"+made) {
			t.Errorf("captures.sh does not make %s", name)
		}
		for line := range strings.Lines(text) {
			if w := ansi.StringWidth(strings.TrimRight(line, "\n")); c.width > 0 && w > c.width {
				t.Errorf("%s: a line of %d columns in a window of %d: %s", name, w, c.width, line)
			}
		}
	}
	if text := capture(t, "top-dumb.txt"); len(text) != utf8.RuneCountInString(text) || strings.Contains(text, "\x1b") {
		t.Errorf("a dumb terminal got\n%q", text)
	}
	nocolour := capture(t, "top-nocolor.txt")
	if !strings.Contains(nocolour, "\x1b[1m") {
		t.Error("NO_COLOR took bold away too")
	}
	for _, m := range regexp.MustCompile(`\x1b\[([0-9;:]*)m`).FindAllStringSubmatch(nocolour, -1) {
		for _, n := range strings.FieldsFunc(m[1], func(r rune) bool { return r == ';' || r == ':' }) {
			if !slices.Contains([]string{"0", "1", "2", "7", "22", "27", "39", "49"}, n) { // 39 and 49 are no colour
				t.Errorf("NO_COLOR, and a colour: %q", m[0])
			}
		}
	}
}

// stable is a line without what is another one each time: numbers, addresses, keys, times,
// bars, and how often something was tried.
func stable(line string) string {
	line = ansi.Strip(strings.TrimRight(line, " \n"))
	for _, c := range unstable {
		line = c.what.ReplaceAllString(line, c.by)
	}
	return strings.TrimSpace(line)
}

var unstable = []struct {
	what *regexp.Regexp
	by   string
}{
	{regexp.MustCompile(`[▁▂▃▄▅▆▇█▏▎▍▌▋▊▉░]+`), " "},
	{regexp.MustCompile(`\(\d+ attempts?[^)]*\)`), "(attempts)"},
	{regexp.MustCompile(`\b[0-9A-F]{32}\b|^[0-9A-F]{6,31}\b`), "UUID"},
	{regexp.MustCompile(`\bkey [0-9a-f]{8}\b`), "key K"},
	{regexp.MustCompile(`\d[\d,]*(\.\d+)?( (ns|µs|ms|s)\b)?`), "N"},
	{regexp.MustCompile(` {2,}`), " "},
}

// replayed is what a process says, line by line, for those who look for lines of a capture.
type replayed struct {
	t      *testing.T
	wanted map[string]string // by what is stable: the line, of whom
}

// wants are the lines of all captures of one replay that begin is true of.
func wants(t *testing.T, replay string, those func(string) bool) *replayed {
	s := &replayed{t, map[string]string{}}
	for name, c := range captures {
		if c.replay != replay {
			continue
		}
		for line := range strings.Lines(capture(t, name)) {
			if key := stable(line); key != "" && those(key) {
				s.wanted[key] = name + ": " + strings.TrimSpace(line)
			}
		}
	}
	if len(s.wanted) == 0 {
		t.Fatalf("nothing of %s has lines to compare", replay)
	}
	return s
}

// hear takes lines as said, and reports whether all are.
func (s *replayed) hear(text string) bool {
	for line := range strings.Lines(text) {
		delete(s.wanted, stable(line))
	}
	return len(s.wanted) == 0
}

// await hears a process until all has been said, or a minute has passed.
func (s *replayed) await(ps ...*proc.Process) {
	s.t.Helper()
	for until := time.Now().Add(time.Minute); ; {
		all := false
		for _, p := range ps {
			all = s.hear(p.Output())
		}
		if all {
			return
		}
		if time.Now().After(until) {
			s.missing(ps...)
			return
		}
		time.Sleep(20 * time.Millisecond) // it is another process
	}
}

func (s *replayed) missing(ps ...*proc.Process) {
	s.t.Helper()
	var got strings.Builder
	for _, p := range ps {
		fmt.Fprintf(&got, "%v:\n%s\n", p, p.Output())
	}
	for key, line := range s.wanted {
		s.t.Errorf("docs/captures/%s\n  is not said any more (%s): run cmd/zactor/testdata/captures.sh", line, key)
	}
	s.t.Logf("said was\n%s", got.String())
}

func freePort(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()[len("127.0.0.1:"):]
}

// The captures say what the program says today: what is said of an error, and what to do,
// to the word; of tables and events all but the numbers.
func TestCaptures(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("they were taken on Linux")
	}
	t.Run("shell", func(t *testing.T) {
		t.Parallel()
		s := wants(t, "shell", func(line string) bool { return line[0] != '$' && line[0] != '-' })
		page, err := os.ReadFile("../../docs/tool.md")
		if err != nil {
			t.Fatal(err)
		}
		_, block, ok := strings.Cut(string(page), "```text\n$ zactor pub -c :7412")
		block, _, _ = strings.Cut(block, "```")
		if !ok {
			t.Error("docs/tool.md shows nothing of pub")
		}
		for line := range strings.Lines(block) {
			if strings.HasPrefix(line, "zactor") || strings.HasPrefix(line, "hint: ") {
				s.wanted[stable(line)] = "../tool.md: " + line
			}
		}
		for _, typed := range []string{"^C$ echo exit code $?", "exit code N", "tick", "weather NC", "news at ten"} {
			delete(s.wanted, typed) // what was typed and sent; codes are what the scripts compare
		}
		if len(s.wanted) < 4 {
			t.Errorf("only %v", s.wanted)
		}
		sub := proc.Start(t, "sub", "-b", ":"+freePort(t))
		pub := proc.Start(t, "pub", "-c", ":"+freePort(t), "-D", "tick")
		late := "" // as long as it takes for a first attempt to have failed
		for _, patience := range []string{"500ms", "5s", "40s"} {
			var out strings.Builder
			newTool(strings.NewReader(""), &out, &out).run(t.Context(), []string{"pub", "-q", "-c", ":" + freePort(t), "-t", patience, "-D", "tick"})
			if late = out.String(); strings.Contains(late, "refused") {
				break
			}
		}
		s.hear(late)
		s.await(sub, pub)
		sub.Interrupt()
		pub.Kill()
	})
	t.Run("node", func(t *testing.T) {
		t.Parallel()
		s := wants(t, "node", func(line string) bool {
			return !strings.Contains(line, "@CHAT>") && line != "columns" && line != "exit code N"
		})
		port := udpPort(t)
		wide, toWide := proc.Typed(t, "node", "--local", "--port", port, "me200")
		narrow, toNarrow := proc.Typed(t, "node", "--local", "--port", port, "me80")
		wide.Expect(`^\+ me80 has joined`)
		narrow.Expect(`^\+ me200 has joined`)
		typeTo(t, toNarrow, "hello from the narrow one, which says more than fits into its eighty columns",
			"and this one, which was typed after the window had been made wider, fits into a line")
		wide.Expect("made wider")
		typeTo(t, toWide, "/peers")
		wide.Expect("1 peers")
		toWide.Close()
		narrow.Expect("me200 is gone")
		s.await(wide, narrow)
		toNarrow.Close()
	})
	t.Run("demo", func(t *testing.T) {
		t.Parallel()
		table := wants(t, "top", func(line string) bool { return header.MatchString(line) || row.MatchString(line) })
		for key, line := range table.wanted { // who is how busy is another one each time
			delete(table.wanted, key)
			table.wanted[shape(line[strings.Index(line, ": ")+2:])] = line
		}
		if os.Getenv("ZACTOR_FULL") == "" { // a demo that is watched is work: here one socket will do
			table.watchOne()
			return
		}
		// What a node says at its own end depends on whether monitor looks in between.
		events := wants(t, "monitor", func(line string) bool {
			return event.MatchString(line) && !(strings.Contains(line, "node-N") && strings.HasSuffix(line, "gone"))
		})
		for _, length := range []string{"6s", "20s", "50s"} { // as long as this machine needs to show it all
			if table.watchDemo(events, length) {
				return
			}
		}
	})
	t.Run("bench", func(t *testing.T) {
		t.Parallel()
		s := wants(t, "bench", func(line string) bool { return strings.ContainsAny(line, "abcdefgh") })
		s.await(proc.Start(t, "bench", "lat", "-n", "300"))
	})
}

// watchOne looks at a PUSH: the head, the names of the columns, and its row.
func (s *replayed) watchOne() {
	t := s.t
	for key := range s.wanted {
		if strings.HasSuffix(key, " N N N N") && !strings.HasPrefix(key, "PUSH ") {
			delete(s.wanted, key)
		}
	}
	if len(s.wanted) != 3 {
		t.Fatalf("%v", s.wanted)
	}
	observe := "unix:" + filepath.Join(shortDir(t), "o")
	push := proc.Start(t, "push", "-v", "--observe", observe, "-b", "tcp://127.0.0.1:0", "-D", "x")
	push.Expect("bound to")
	top := proc.Start(t, "top", observe, "-n", "1")
	for line := range strings.Lines(top.Wait()) {
		delete(s.wanted, shape(line))
	}
	if len(s.wanted) > 0 {
		s.missing(top)
	}
	push.Kill()
}

// watchDemo runs a demo, with top and monitor on it, until all has been said or it is over.
func (s *replayed) watchDemo(events *replayed, length string) (all bool) {
	t := s.t
	observe := "unix:" + filepath.Join(shortDir(t), "o")
	demo := proc.Start(t, "demo", "--observe", observe, "--duration", length, "--json")
	demo.Expect(`"enter"`)
	changes := proc.Start(t, "monitor", observe, "-i", "300ms")
	rows := proc.With(t, func(c *exec.Cmd) { c.Env = append(c.Environ(), "TERM=dumb") }, "top", observe, "-i", "300ms")
	defer demo.Kill()
	defer changes.Kill()
	defer rows.Kill()
	for over := false; !all && !over; time.Sleep(50 * time.Millisecond) { // they are other processes
		over = strings.Contains(demo.Output(), `"type":"summary"`)
		for line := range strings.Lines(rows.Output()) {
			delete(s.wanted, shape(line))
		}
		all = events.hear(changes.Output()) && len(s.wanted) == 0
	}
	if !all && length == "50s" {
		s.missing(rows)
		events.missing(changes)
	}
	return all
}

var (
	head   = regexp.MustCompile(`^\S+ (N:N:N N here by rate, )(?:well|N wrong)( in N/s out N/s).*$`)
	header = regexp.MustCompile(`^(TYPE NAME|unix:demo )`)
	row    = regexp.MustCompile(`^[A-Za-z]+ .* (N ){4}N$`)
	event  = regexp.MustCompile(`^N:N:N [+-] [A-Z]{3,6} .* (is there|is gone|has ended)$`)
)

// shape of a row is its type and what columns it has; of the head all but numbers and who
// is observed, and whether something is wrong in the drama of the demo.
func shape(line string) string {
	line = stable(line)
	if f := strings.Fields(line); row.MatchString(line) {
		return f[0] + strings.Repeat(" N", 5)
	} else if len(f) > 0 && strings.HasPrefix(f[0], "unix:") {
		return head.ReplaceAllString(line, "$1$2")
	}
	return line
}

// shortDir is a folder whose name leaves room for a socket.
func shortDir(t *testing.T) string {
	dir, err := os.MkdirTemp("", "z")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}
