package zmq_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/go-zactor/zactor/zmq"
)

// mistakesPage is docs/mistakes.md: what is said of each mistake, word for word, but for
// what is another one each time (ports, times, counts of attempts).
type mistakesPage struct {
	text string
	want map[string][]string // by the mistake's name

	mu  sync.Mutex
	got map[string][]string // guarded by mu
}

const (
	mistakesFile  = "../docs/mistakes.md"
	mistakesBegin = "<!-- begin: zmq TestMistakes -->\n"
	mistakesEnd   = "<!-- end: zmq TestMistakes -->\n"
)

func newMistakesPage(t *testing.T) *mistakesPage {
	t.Helper()
	data, err := os.ReadFile(mistakesFile)
	if err != nil {
		t.Fatal(err)
	}
	p := &mistakesPage{text: string(data), want: map[string][]string{}, got: map[string][]string{}}
	_, part, _ := strings.Cut(p.text, mistakesBegin)
	part, _, _ = strings.Cut(part, mistakesEnd)
	for _, m := range regexp.MustCompile("(?s)### ([^\n]+)\n\n```text\n(.*?)```\n").FindAllStringSubmatch(part, -1) {
		p.want[m[1]] = strings.Split(strings.TrimSuffix(m[2], "\n"), "\n")
	}
	return p
}

// compare waits until the witnesses have heard what the page has. Where the page is to be
// written it takes over what they have heard.
func (p *mistakesPage) compare(k *kit, m *mistake, err error, here, there *witness) {
	k.Helper()
	call := "the call: returns no error"
	if err != nil {
		call = "the call: " + plain(err.Error())
	}
	if os.Getenv("ZACTOR_UPDATE") != "" {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.got[m.name] = slices.Concat([]string{call}, here.first("here", m), there.first("there", m))
		return
	}
	if runtime.GOOS != "linux" { // other systems have other words for their errors
		return
	}
	for i, line := range p.want[m.name] {
		side := map[bool]*witness{true: here, false: there}[strings.HasPrefix(line, "here ")]
		switch {
		case i == 0 && line != call:
			k.Errorf("it says\n%s\nwant\n%s", call, line)
		case i > 0:
			k.until("word for word: "+line+"\n"+side.String(), func() bool { return slices.Contains(side.all(line[:strings.Index(line, " ")]), line) })
		}
	}
}

// check compares the lists of mistakes, or writes the page.
func (p *mistakesPage) check(t *testing.T, list []mistake) {
	t.Cleanup(func() { // the mistakes are made at once, when TestMistakes has returned
		if os.Getenv("ZACTOR_UPDATE") == "" {
			return
		}
		var b strings.Builder
		for _, m := range list {
			fmt.Fprintf(&b, "### %s\n\n```text\n%s\n```\n\n", m.name, strings.Join(p.got[m.name], "\n"))
		}
		before, rest, _ := strings.Cut(p.text, mistakesBegin)
		_, after, _ := strings.Cut(rest, mistakesEnd)
		if err := os.WriteFile(mistakesFile, []byte(before+mistakesBegin+"\n"+b.String()+mistakesEnd+after), 0o644); err != nil {
			t.Error(err)
		}
	})
	if os.Getenv("ZACTOR_UPDATE") != "" {
		return
	}
	if len(list) < 40 {
		t.Errorf("only %d mistakes", len(list))
	}
	for _, m := range list {
		if p.want[m.name] == nil {
			t.Errorf("docs/mistakes.md has no %q: ZACTOR_UPDATE=1 go test ./zmq -run TestMistakes", m.name)
		}
	}
	if len(p.want) != len(list) {
		t.Errorf("docs/mistakes.md has %d mistakes, want %d", len(p.want), len(list))
	}
}

// first is what a witness was told of a mistake: the first event and the first line that
// have its words, and what Endpoints and Peers say.
func (w *witness) first(side string, m *mistake) (list []string) {
	t := m.here
	if side == "there" {
		t = m.there
	}
	w.mu.Lock()
	for _, e := range w.events {
		if t.event == 0 || e.Kind != t.event || e.Err == nil && t.err != "" || e.Err != nil && !strings.Contains(e.Err.Error(), t.err) {
			continue
		}
		list = append(list, side+" "+eventLine(e))
		break
	}
	for line := range strings.Lines(w.zero.String()) {
		if t.line != nil && hasLine(line, t.line) {
			list = append(list, side+" "+logLine(line))
			break
		}
	}
	w.mu.Unlock()
	if len(list) == 0 || m.passes {
		return list
	}
	return append(list, w.standing(side)...)
}

// all are all lines of a side that are true now.
func (w *witness) all(side string) []string {
	w.mu.Lock()
	var list []string
	for _, e := range w.events {
		list = append(list, side+" "+eventLine(e))
	}
	inSlog := map[string]bool{}
	for line := range strings.Lines(w.slog.String()) {
		inSlog[logLine(line)] = true
	}
	for line := range strings.Lines(w.zero.String()) {
		if text := logLine(line); inSlog[text] { // both say the same
			list = append(list, side+" "+text)
		}
	}
	w.mu.Unlock()
	return append(list, w.standing(side)...)
}

// standing is what Endpoints and Peers say of what is waited for.
func (w *witness) standing(side string) (list []string) {
	w.mu.Lock()
	sockets := slices.Clone(w.opened)
	w.mu.Unlock()
	for _, s := range sockets {
		for _, e := range s.Endpoints() {
			if e.Err != nil {
				list = append(list, side+" Endpoints: "+plain(e.String()))
			}
		}
		for _, p := range s.Peers() {
			if p.LastError != nil {
				list = append(list, side+" Peers: "+plain(p.LastError.Error()))
			}
		}
	}
	return list
}

func eventLine(e zmq.Event) string {
	if e.Err == nil {
		return "event " + e.Kind.String()
	}
	return "event " + e.Kind.String() + ": " + plain(e.Err.Error())
}

// logLine is a line of either logger without what is in every one of them.
func logLine(line string) string {
	var fields map[string]any
	if err := json.Unmarshal([]byte(line), &fields); err != nil {
		return line
	}
	title := fields["message"]
	if title == nil {
		title = fields["msg"]
	}
	text := fmt.Sprintf("log %v %v", fields["event"], title)
	if err, ok := fields["error"]; ok {
		text += ": " + plain(fmt.Sprint(err))
	}
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		switch key {
		case "event", "message", "msg", "error", "level", "time", "type", "endpoint", "peer", "attempts", "retry_in":
		case "dropped", "queued", "total", "stack":
			text += " " + key + "=N"
		default:
			text += fmt.Sprintf(" %s=%s", key, plain(fmt.Sprint(fields[key])))
		}
	}
	return text
}

// plain is a text without what is another one each time.
func plain(text string) string {
	for _, p := range plainly {
		text = p.what.ReplaceAllString(text, p.with)
	}
	return text
}

var plainly = []struct {
	what *regexp.Regexp
	with string
}{
	{regexp.MustCompile(` \(\d+ attempts?(, [^)]*)?\)`), ""},
	{regexp.MustCompile(`127\.\d+\.\d+\.\d+:\d+`), "HOST:PORT"},
	{regexp.MustCompile(`(lookup no-such-host\.invalid).*?( \(context canceled\)|$)`), "$1: no such host$2"},
	{regexp.MustCompile(`(?:/[-\w.]+)+/(key|folder)\b`), "DIR/$1"},
	{regexp.MustCompile(`\b\d+(\.\d+)?(ns|µs|ms|s)\b`), "TIME"},
}
