package main

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func exampleBlock(t *testing.T) block {
	absent := fake("absent")
	absent.missing = func(*lab) string { return "not installed" }
	return rounds(t, workload{family: "f", name: "64 B", size: 64, figures: throughputFigures, contenders: []contender{
		fake("ref", perSecond(1_000_000)), fake("zactor", perSecond(2_000_000)), absent,
	}, floor: "ref"}, 1)
}

func TestTable(t *testing.T) {
	var b strings.Builder
	writeTables(&b, []block{exampleBlock(t)})
	want := `
### f

|      |        | messages/s          | MB/s | CPU a message | ratio                |
|------|--------|---------------------|------|---------------|----------------------|
| 64 B | ref    | 1.00M (1.00M-1.00M) | 64   | 0.00 us       | **1.00** (1.00-1.00) |
| 64 B | zactor | 2.00M (2.00M-2.00M) | 128  | 0.00 us       | **2.00** (2.00-2.00) |
| 64 B | absent | not installed       |      |               |                      |
`
	if got := b.String(); got != want {
		t.Fatalf("table\n%s\nwant\n%s", got, want)
	}
}

func TestSummary(t *testing.T) {
	var b strings.Builder
	writeSummary(&b, []block{exampleBlock(t)})
	want := `
|   |      |            | zactor | zactor plain | libzmq in C | libzmq by cgo | nats | the floor |
|---|------|------------|--------|--------------|-------------|---------------|------|-----------|
| f | 64 B | messages/s | 2.00   |              |             |               |      | 1.00      |
`
	if got := "\n" + b.String(); got != want {
		t.Fatalf("summary\n%s\nwant\n%s", got, want)
	}
}

// What is kept comes back as it was, and a workload measured again replaces itself
// alone.
func TestStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "samples.csv")
	first, second := exampleBlock(t), exampleBlock(t)
	second.work.name = "another, of 1 KiB"
	second.results[1].err = errors.New("lost a message,\nor two")
	all := []workload{second.work, first.work}
	st, err := openStore(path)
	if err != nil {
		t.Fatal(err)
	}
	st.replace(first.work, nil)
	st.replace(first.work, first.results)
	st.replace(second.work, second.results)
	st.replace(first.work, first.results)
	if err := st.save(); err != nil {
		t.Fatal(err)
	}
	if st, err = openStore(path); err != nil {
		t.Fatal(err)
	}
	got := st.blocks(all)
	if len(got) != 2 || got[0].work.name != second.work.name {
		t.Fatalf("%d blocks, %+v", len(got), got)
	}
	for i, want := range []block{second, first} {
		for k, r := range want.results {
			g := got[i].results[k]
			if g.contender != r.contender || g.missing != r.missing || !reflect.DeepEqual(g.samples, r.samples) || (g.err == nil) != (r.err == nil) {
				t.Errorf("%s: %+v came back as %+v", want.work.name, r, g)
			}
		}
	}
}

func TestStoreRefusesOtherFiles(t *testing.T) {
	for _, text := range []string{"a,b\n1,2\n", "family,work,peer,round,figure,value\nf,w,p,x,n,1\n", "\"", "family,work\n"} {
		path := filepath.Join(t.TempDir(), "samples.csv")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := openStore(path); err == nil {
			t.Errorf("%q is taken for samples", text)
		}
	}
}

func TestStandingsComeBack(t *testing.T) {
	want := standings([]block{exampleBlock(t)})
	if len(want) != 1 || want[0].mid != 2 || want[0].key() != "f/64 B/zactor/messages/s" {
		t.Fatalf("%+v", want)
	}
	var b bytes.Buffer
	if err := writeStandings(&b, want); err != nil {
		t.Fatal(err)
	}
	got, err := readStandings(&b)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("%+v, %v", got, err)
	}
	if _, err := readStandings(strings.NewReader("family,work\n")); err == nil {
		t.Fatal("another file is taken for standings")
	}
}

func TestFalls(t *testing.T) {
	at := func(mid, low, high float64) []standing {
		return []standing{{"f", "w", "zactor", "messages/s", spread{mid, low, high}}}
	}
	for _, c := range []struct {
		what     string
		old, now []standing
		fallen   int
		compared int
	}{
		{"the same", at(1, .9, 1.1), at(1, .9, 1.1), 0, 1},
		{"better", at(1, .9, 1.1), at(3, 2, 4), 0, 1},
		{"a little worse", at(1, .9, 1.1), at(.75, .7, .8), 0, 1},
		{"much worse", at(1, .9, 1.1), at(.65, .6, .7), 1, 1},
		{"much worse but for one round", at(1, .9, 1.1), at(.65, .6, 1.01), 0, 1},
		{"new", nil, at(1, 1, 1), 0, 0},
		{"not measured", at(1, 1, 1), nil, 0, 0},
	} {
		fallen, compared := falls(c.old, c.now, 0.3)
		if len(fallen) != c.fallen || compared != c.compared {
			t.Errorf("%s: %d fell of %d", c.what, len(fallen), compared)
		}
	}
}

func TestCompareWith(t *testing.T) {
	path := filepath.Join(t.TempDir(), "committed.csv")
	b := exampleBlock(t)
	write := func(factor float64) {
		list := standings([]block{b})
		list[0].mid *= factor
		file, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		if err := writeStandings(file, list); err != nil {
			t.Fatal(err)
		}
	}
	var out strings.Builder
	if err := compareWith(&out, path, []block{b}, 0.3); err == nil {
		t.Error("a file that is not there passes")
	}
	write(1)
	if err := compareWith(&out, path, []block{b}, 0.3); err != nil {
		t.Error(err)
	}
	write(1.6)
	if err := compareWith(&out, path, []block{b}, 0.3); err == nil || !strings.Contains(out.String(), "64 B") {
		t.Errorf("a fall by more than a third gives %v and says %q", err, &out)
	}
	if err := compareWith(&out, path, nil, 0.3); err == nil {
		t.Error("nothing measured passes")
	}
}

// everything is a block of every workload, with numbers for all figures.
func everything(t *testing.T) (blocks []block) {
	full := perSecond(1000)
	for _, name := range strings.Fields("cpu p50 p90 p99 p999 bytes rest stop held miss subscribed free slowest") {
		full[name] = 1e6
	}
	full["subscriptions"] = 10
	for _, w := range workloads(false) {
		for i := range w.contenders {
			c := &w.contenders[i]
			c.run = func(context.Context, *lab, int) (sample, error) { return full, nil }
			c.missing = func(*lab) string { return "" }
			c.fixed = true
		}
		blocks = append(blocks, rounds(t, w, 1))
	}
	return blocks
}

// The page names only tables and plots that there are, and the plots are drawn.
func TestPage(t *testing.T) {
	blocks := everything(t)
	text, err := renderPage("a machine", blocks)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range workloads(false) {
		if !strings.Contains(page, `{{table "`+w.family+`"}}`) {
			t.Errorf("the page does not show %q", w.family)
		}
	}
	if strings.Contains(string(text), "Not measured") {
		t.Error("something of the page was not measured")
	}
	dir := t.TempDir()
	if err := drawPlots(dir, blocks); err != nil {
		t.Fatal(err)
	}
	for _, list := range [][]plotted{linePlots, latencyPlots, barPlots} {
		for _, p := range list {
			checkPlot(t, p, filepath.Join(dir, "plots"))
			if !strings.Contains(string(text), publishedPlots+"/"+p.file+".svg") {
				t.Errorf("the page does not show %s", p.file)
			}
		}
	}
}

func checkPlot(t *testing.T, p plotted, dir string) {
	t.Helper()
	svg, err := os.ReadFile(p.path(dir))
	if err != nil {
		t.Error(err)
		return
	}
	if err := xml.Unmarshal(svg, new(struct{})); err != nil {
		t.Errorf("%s: %v", p.file, err)
	}
	if !bytes.Contains(svg, []byte(p.title)) || !bytes.Contains(svg, []byte("zactor")) {
		t.Errorf("%s does not say what it shows", p.file)
	}
}

func TestPageRefusesWhatThereIsNot(t *testing.T) {
	if _, err := renderTable("no such family", nil); err == nil {
		t.Error("a table of no family")
	}
	if _, err := plotLink("no-such-plot"); err == nil {
		t.Error("a plot of no name")
	}
}

// What is not good is found by itself.
func TestBehind(t *testing.T) {
	b := exampleBlock(t)
	if got := behind([]block{b}); !strings.Contains(got, "Nothing") {
		t.Errorf("twice as fast is behind: %s", got)
	}
	slow := rounds(t, workload{family: "f", name: "slow", figures: throughputFigures, contenders: []contender{
		fake("ref", perSecond(100)), fake("zactor plain", perSecond(20)), fake("zactor reuse", perSecond(80)),
	}}, 1)
	if got := behind([]block{b, slow}); !strings.Contains(got, "0.80") || strings.Contains(got, "plain") {
		t.Errorf("80 of 100 is behind as\n%s", got)
	}
}
