//go:build chromium

package observe_test

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/go-zactor/zactor/cert"
	"github.com/go-zactor/zactor/internal/ztest"
	"github.com/go-zactor/zactor/observe"
	"github.com/go-zactor/zactor/zmq"
	"github.com/go-zactor/zactor/zyre"
)

// These tests open the page in Chromium without a window, and with ZACTOR_UPDATE=1 they
// draw docs/observe-*.png anew:
//
//	ZACTOR_UPDATE=1 go test -tags chromium ./observe -run Page

// browser speaks to Chromium over the pipe of its debugging protocol.
type browser struct {
	t       *testing.T
	to      *os.File
	from    *bufio.Reader
	id      int
	session string
	urls    []string // that were asked for
}

func chromium(t *testing.T) *browser {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip(err)
	}
	toR, toW, _ := os.Pipe()
	fromR, fromW, _ := os.Pipe()
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	cmd := exec.CommandContext(ctx, path, "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", "--user-data-dir="+t.TempDir(), "--hide-scrollbars", "about:blank")
	cmd.ExtraFiles = []*os.File{toR, fromW}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	toR.Close()
	fromW.Close()
	b := &browser{t: t, to: toW, from: bufio.NewReaderSize(fromR, 1<<20)}
	t.Cleanup(func() {
		toW.Close() // it ends with its pipe
		cancel()
		_ = cmd.Wait()
		fromR.Close()
	})
	target := b.call("Target.createTarget", map[string]any{"url": "about:blank"})
	attached := b.call("Target.attachToTarget", map[string]any{"targetId": target["targetId"], "flatten": true})
	b.session, _ = attached["sessionId"].(string)
	b.call("Network.enable", nil)
	b.call("Page.enable", nil)
	return b
}

// call asks for something, and keeps what else comes meanwhile.
func (b *browser) call(method string, params map[string]any) map[string]any {
	b.t.Helper()
	b.id++
	m := map[string]any{"id": b.id, "method": method, "params": params}
	if params == nil {
		m["params"] = map[string]any{}
	}
	if b.session != "" {
		m["sessionId"] = b.session
	}
	text, _ := json.Marshal(m)
	if _, err := b.to.Write(append(text, 0)); err != nil {
		b.t.Fatal(err)
	}
	for {
		line, err := b.from.ReadBytes(0)
		if err != nil {
			b.t.Fatal(err)
		}
		var got struct {
			ID     int
			Method string
			Params struct{ Request struct{ URL string } }
			Result map[string]any
			Error  any
		}
		if err := json.Unmarshal(line[:len(line)-1], &got); err != nil {
			b.t.Fatal(err)
		}
		if got.Method == "Network.requestWillBeSent" {
			b.urls = append(b.urls, got.Params.Request.URL)
		}
		if got.ID == b.id {
			if got.Error != nil {
				b.t.Fatalf("%s: %v", method, got.Error)
			}
			return got.Result
		}
	}
}

// eval is the value of an expression in the page.
func (b *browser) eval(expression string) any {
	b.t.Helper()
	r := b.call("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true})
	if e, bad := r["exceptionDetails"]; bad {
		b.t.Fatalf("%s: %v", expression, e)
	}
	return r["result"].(map[string]any)["value"]
}

// until waits for an expression to be true.
func (b *browser) until(expression string) {
	b.t.Helper()
	for end := time.Now().Add(time.Minute); b.eval(expression) != true; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			b.t.Fatalf("it does not come to %s\n%v", expression, b.eval("document.body.innerText.slice(0, 3000)"))
		}
	}
}

func (b *browser) key(key string, code int) {
	b.t.Helper()
	p := map[string]any{"type": "keyDown", "key": key, "windowsVirtualKeyCode": code}
	if len(key) == 1 {
		p["text"] = key
	}
	if key == "Enter" {
		p["text"] = "\r"
	}
	b.call("Input.dispatchKeyEvent", p)
	b.call("Input.dispatchKeyEvent", map[string]any{"type": "keyUp", "key": key, "windowsVirtualKeyCode": code})
}

// shoot draws the page, if pictures are asked for.
func (b *browser) shoot(name, scheme string, height int) {
	b.t.Helper()
	b.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": 1280, "height": height, "deviceScaleFactor": 1, "mobile": false})
	b.call("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]any{{"name": "prefers-color-scheme", "value": scheme}}})
	b.eval("scrollTo(0, 0)")
	r := b.call("Page.captureScreenshot", map[string]any{"format": "png"})
	png, err := base64.StdEncoding.DecodeString(r["data"].(string))
	if err != nil || len(png) < 10_000 {
		b.t.Fatalf("the picture has %d bytes (%v)", len(png), err)
	}
	if os.Getenv("ZACTOR_UPDATE") != "" {
		if err := os.WriteFile("../docs/"+name, png, 0o644); err != nil {
			b.t.Fatal(err)
		}
	}
}

// visit opens the page of a server of this test.
func (b *browser) visit() (base string) {
	b.t.Helper()
	s, err := observe.Serve(b.t.Context(), "127.0.0.1:0")
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { s.Close() })
	base = "http://" + s.Addr() + "/"
	b.call("Page.navigate", map[string]any{"url": base})
	b.until("typeof last !== 'undefined' && !!last && document.querySelectorAll('tr[data-id]').length > 0")
	return base
}

// Twelve nodes, and one that they refuse; work for six, a slow reader, an intruder, one
// that is cut off and returns: all of it can be seen, and reached by keys, and no request
// leaves the machine.
func TestPage(t *testing.T) {
	zctx, gone := demo(t)
	b := chromium(t)
	base := b.visit()
	b.until("last.subjects.filter(s => s.kind === 'node' && s.links.filter(l => l.role === 'peer').length === 11).length === 12")
	b.until("last.subjects.some(s => s.kind === 'node' && refused(s) > 0)")
	b.until("last.subjects.some(s => s.name === 'ticks' && dropped(s) > 0)")
	b.until("last.subjects.some(s => s.name === 'cut off' && failing(s).length > 0)")
	b.until("last.subjects.some(s => s.name === 'jobs' && s.out > 10)")
	if n := b.eval("document.querySelectorAll('svg line').length").(float64); n < 66 {
		t.Errorf("the picture has %v lines, the nodes alone are linked by 66", n)
	}
	b.legible()
	if n := b.eval("[...document.querySelectorAll('svg g')].filter(g => !g.querySelector('text')).length"); n != 0. {
		t.Errorf("%v vertices have no name", n)
	}
	b.shoot("observe-light.png", "light", 1500)
	b.shoot("observe-dark.png", "dark", 1500)

	// The one that was cut off returns.
	back, _ := zmq.New(zctx, zmq.Push, zmq.WithName("back"), zmq.WithLinger(0))
	if _, err := back.Bind(gone); err != nil {
		t.Fatal(err)
	}
	b.until("last.subjects.some(s => s.name === 'cut off' && tone(s) === 'good' && s.links.some(l => l.state === 'ready'))")

	// By keys alone: filter, leave it, walk the rows, open one.
	b.key("/", 191)
	for _, c := range "slow" {
		b.key(string(c), int(c)-32)
	}
	b.until("document.activeElement.id === 'q' && [...document.querySelectorAll('tr[data-id]')].every(r => r.innerText.includes('slow'))")
	b.key("Escape", 27)
	b.until("$('q').value === '' && document.querySelectorAll('tr[data-id]').length > 12")
	b.eval("document.querySelector('tr[data-id]').focus()")
	first := b.eval("document.activeElement.dataset.id")
	b.key("ArrowDown", 40)
	if second := b.eval("document.activeElement.dataset.id"); second == first || second == nil {
		t.Errorf("arrow down leads from %v to %v", first, second)
	}
	b.key("Enter", 13)
	b.until("document.querySelectorAll('td.detail').length === 1 && document.activeElement.getAttribute('aria-expanded') === 'true'")
	b.key("t", 84)
	b.until("pressed('only') && [...document.querySelectorAll('tr[data-id]')].length < last.subjects.length")
	for _, url := range b.urls {
		if !strings.HasPrefix(url, base) && url != "about:blank" && !strings.HasPrefix(url, "data:") {
			t.Errorf("a request went to %s", url)
		}
	}
	if len(b.urls) < 3 {
		t.Errorf("only %d requests were seen", len(b.urls))
	}
}

// A thousand sockets: a mosaic in place of the picture, and the worst rows first.
func TestPageOfAThousand(t *testing.T) {
	zctx := zmq.NewContext(t.Context(), zmq.WithMaxSockets(2000))
	defer zctx.Close()
	for i := range 250 {
		bound, _ := zmq.New(zctx, zmq.Push, zmq.WithName(fmt.Sprint("shard ", i+1)))
		at, err := bound.Bind(fmt.Sprintf("inproc://shard-%d", i))
		if err != nil {
			t.Fatal(err)
		}
		for j := range 3 {
			w, _ := zmq.New(zctx, []zmq.Type{zmq.Pull, zmq.Pull, zmq.Sub}[j], zmq.WithName(fmt.Sprintf("worker %d.%d", i+1, j+1)))
			if j == 2 {
				at = "tcp://127.0.0.1:9" // nobody is there
				if i%25 != 0 {
					continue
				}
			}
			if err := w.Connect(at); err != nil {
				t.Fatal(err)
			}
		}
	}
	b := chromium(t)
	b.visit()
	b.until("last.subjects.length === 1000 && document.querySelectorAll('.cells i').length === 1000 && last.subjects.filter(trouble).length === 10")
	b.until("document.querySelectorAll('tr[data-id]').length === 200 && document.querySelector('tr[data-id]').innerText.includes('SUB')")
	b.still()
	b.shoot("observe-1000.png", "light", 1000)
	t.Logf("drawn again in %.1f ms, of which %.1f in the script", b.eval(redraws).([]any)...)
}

// redraws is what it takes to draw the page with other numbers in every row, in
// milliseconds, with and without its layout: the median of some.
const redraws = `(() => { const times = []; for (let i = 0; i < 15; i++) {
	const v = JSON.parse(JSON.stringify(last)); for (const s of v.subjects) for (const k of Object.keys(s)) if (k[0] === "$") delete s[k];
	v.time = new Date(Date.parse(v.time) + 1000).toISOString();
	for (const s of v.subjects) for (const n of s.numbers) if (n.name === "messages") n.value += 10 + i * 7 + s.id % 50;
	const t = performance.now(); rates(v); last = v; draw(v); const drawn = performance.now(); document.body.offsetHeight; times.push([performance.now() - t, drawn - t]) }
	return times.sort((a, b) => a[0] - b[0])[7] })()`

// still checks that nothing of the page is touched when nothing has changed.
func (b *browser) still() {
	b.t.Helper()
	n := b.eval(`(() => { held = true; const o = new MutationObserver(() => {}); draw(last);
		o.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
		draw(last); const l = o.takeRecords().map(r => r.type + " " + r.target.nodeName + " " + r.target.className + " " + r.attributeName); o.disconnect(); held = false; return l.join("; ") })()`)
	if n != "" {
		b.t.Errorf("drawn again without a change, this is changed: %v", n)
	}
}

// legible checks the picture: no name is over another one or a vertex, none is outside,
// and none is crossed by a line unless it has a plate.
func (b *browser) legible() {
	b.t.Helper()
	wrong := b.eval(`(() => {
		const wrong = [], svg = document.querySelector("#map svg"), view = svg.viewBox.baseVal, names = [], dots = [];
		for (const g of svg.querySelectorAll("g")) {
			const texts = [...g.querySelectorAll("text")], c = g.querySelector("circle").getBBox();
			dots.push({ g, x: c.x, y: c.y, w: c.width, h: c.height });
			for (const t of texts) { const r = t.getBBox(); names.push({ g, what: t.textContent, plate: !!g.querySelector("rect"), x: r.x + 1, y: r.y + 2, w: r.width - 2, h: r.height - 4 }) }
		}
		const over = (a, b) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
		names.forEach((a, i) => {
			if (a.x < 0 || a.y < 0 || a.x + a.w > view.width || a.y + a.h > view.height) wrong.push(a.what + " is outside");
			for (const o of names.slice(i + 1)) if (o.g !== a.g && over(a, o)) wrong.push(a.what + " is over " + o.what);
			for (const d of dots) if (d.g !== a.g && over(a, d)) wrong.push(a.what + " is over a vertex");
			if (!a.plate) for (const l of svg.querySelectorAll("line")) for (let k = 0; k <= 200; k++) {
				const f = k / 200, x = +l.getAttribute("x1") * (1 - f) + l.getAttribute("x2") * f, y = +l.getAttribute("y1") * (1 - f) + l.getAttribute("y2") * f;
				if (x > a.x && x < a.x + a.w && y > a.y && y < a.y + a.h) { wrong.push(a.what + " is crossed by a line"); break }
			}
		});
		return JSON.stringify(wrong) })()`).(string)
	if wrong != "[]" {
		b.t.Errorf("the picture is not legible: %s", wrong)
	}
}

// Long names, a hub of many, rings and pairs: the picture stays legible, keeps its
// vertices while numbers change, and is laid out anew when another link is there.
func TestPagePicture(t *testing.T) {
	zctx := zmq.NewContext(t.Context())
	defer zctx.Close()
	open := func(typ zmq.Type, name, bind string, connect ...string) {
		s, err := zmq.New(zctx, typ, zmq.WithName(name), zmq.WithLinger(0))
		if err == nil && bind != "" {
			_, err = s.Bind(bind)
		}
		for _, at := range connect {
			if err == nil {
				err = s.Connect(at)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	open(zmq.Push, "the dispatcher of all the orders of the day", "inproc://hub")
	for i := range 40 {
		open(zmq.Pull, fmt.Sprintf("worker for orders of region %d", i+1), "", "inproc://hub")
	}
	for i := range 5 { // a ring
		open(zmq.Dealer, fmt.Sprintf("a member of the ring, number %d", i+1), fmt.Sprintf("inproc://ring-%d", i), fmt.Sprintf("inproc://ring-%d", (i+1)%5))
	}
	for i := range 3 {
		open(zmq.Pair, fmt.Sprintf("the left side of the pair number %d", i+1), fmt.Sprintf("inproc://pair-%d", i))
		open(zmq.Pair, fmt.Sprintf("the right side of the pair number %d", i+1), "", fmt.Sprintf("inproc://pair-%d", i))
	}
	b := chromium(t)
	b.visit()
	b.until("last.subjects.length === 52 && document.querySelectorAll('svg line').length === 48")
	b.legible()
	b.still()
	b.eval("void (window.before = document.querySelector('svg g'))")
	t.Logf("drawn again in %.1f ms, of which %.1f in the script", b.eval(redraws).([]any)...)
	if b.eval("before === document.querySelector('svg g')") != true {
		t.Error("the picture is laid out anew for other numbers")
	}
	open(zmq.Pull, "late", "", "inproc://hub")
	b.until("document.querySelectorAll('svg line').length === 49")
	b.legible()
	b.shoot("observe-picture.png", "light", 1500)
}

// demo is what the pictures show. It lives until the test ends.
func demo(t *testing.T) (zctx *zmq.Context, gone string) {
	ctx := t.Context()
	zctx = zmq.NewContext(ctx)
	t.Cleanup(func() { zctx.Close() })
	gone = "tcp://" + ztest.Vacant(t) // for a while nobody is there
	port := ztest.Port(t)
	trusted := cert.NewMemStore()
	names := strings.Fields("ann bob cleo dan eve fay gus hal ida jan kim leo mallory")
	for i, name := range names {
		key, _ := cert.New()
		store := cert.Store(trusted)
		if i < 12 {
			trusted.Insert(key)
		} else {
			store = nil // mallory lets everybody in, and is let in by nobody
		}
		n, err := zyre.New(ctx, name, zyre.WithLoopback(true), zyre.WithPort(port), zyre.WithCurve(key, store), zyre.WithLinger(0))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { n.Close() })
	}
	open := func(typ zmq.Type, name string, opts ...zmq.Option) *zmq.Socket {
		s, err := zmq.New(zctx, typ, append(opts, zmq.WithName(name), zmq.WithLinger(0))...)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	jobs, ticks, vault := open(zmq.Push, "jobs"), open(zmq.Pub, "ticks", zmq.WithSendHWM(50)), open(zmq.Rep, "vault")
	at, _ := jobs.Bind("tcp://127.0.0.1:*")
	news, _ := ticks.Bind("tcp://127.0.0.1:*")
	server, _ := cert.New()
	client, _ := cert.New()
	door, _ := vault.Bind("tcp://127.0.0.1:*", zmq.WithCurveServer(server))
	drain := func(s *zmq.Socket) {
		go func() {
			for m := range s.Messages(ctx) {
				m.Release()
			}
		}()
	}
	for i := range 6 {
		w := open(zmq.Pull, fmt.Sprintf("worker %d", i+1))
		_ = w.Connect(at)
		drain(w)
		name := fmt.Sprintf("screen %d", i+1)
		if i == 5 {
			name = "slow screen"
		}
		s := open(zmq.Sub, name, zmq.WithRecvHWM(20))
		_ = s.Subscribe("")
		_ = s.Connect(news)
		if i < 5 {
			drain(s)
		}
	}
	_ = open(zmq.Req, "intruder", zmq.WithCurveClient(client, server.Public())).Connect(door)
	_ = open(zmq.Pull, "cut off").Connect(gone)
	go func() {
		for ctx.Err() == nil {
			_ = jobs.SendString(ctx, "job")
			_ = ticks.SendBytes(ctx, make([]byte, 20_000))
			time.Sleep(5 * time.Millisecond) // the pace of the demo
		}
	}()
	return zctx, gone
}
