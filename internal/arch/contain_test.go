package arch

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// containment says of a place how it is contained, and which test makes it fail.
type containment struct{ how, test string }

// contained are the places where something of a program's, or a goroutine of ours, may
// panic, and what then becomes of it. The test is named by its folder.
var contained = map[string]containment{
	"actor.(*Context[M]).Async(func)":               {"the life ends, as by a panic of its handler", "actor.TestHooksAreContained"},
	"actor.(*Context[M]).Become(Handler)":           {"the life ends with a *PanicError", "actor.TestHooksAreContained"},
	"actor.(*Supervisor).Add(Func)":                 {"the life ends, and another begins", "actor.TestHooksAreContained"},
	"actor.ByKey(func)":                             {"it reaches who told or asked; the pool goes on", "actor.TestHooksAreContained"},
	"actor.Child(Setup)":                            {"the life ends, and another begins", "actor.TestHooksAreContained"},
	"actor.New(Setup)":                              {"the actor ends with a *PanicError", "actor.TestHooksAreContained"},
	"actor.Pool(Setup)":                             {"the member's life ends, and another begins", "actor.TestHooksAreContained"},
	"actor.ServiceFunc(Service)":                    {"the life ends, and another begins", "actor.TestHooksAreContained"},
	"actor.Spawn(Func)":                             {"the actor ends with a *PanicError", "actor.TestPanicIsTheActorsError"},
	"actor.Supervise(Setup)":                        {"the life ends, and another begins", "actor.TestHooksAreContained"},
	"actor.WithLogger(zerolog.Logger)":              {"a line is lost, and counted", "internal/logs.TestPanicsAreContained"},
	"actor.WithSlog(slog.Logger)":                   {"a line is lost, and counted", "internal/logs.TestPanicsAreContained"},
	"actor/actortest.Fault(func)":                   {"the actor in between ends, or the test fails; the other goes on", "actor/actortest.TestFaultIsContained"},
	"auth.(*Auth).Curve(cert.Store)":                {"the peer is refused with 500", "auth.TestStoreIsContained"},
	"auth.(*Auth).Plain(PasswordStore)":             {"the peer is refused with 500", "auth.TestStoreIsContained"},
	"auth.(*Passwords).OnChange(func)":              {"the other observers are told, and the one who made the change gets it", "auth.TestObserverIsContained"},
	"auth.WithLogger(zerolog.Logger)":               {"a line is lost, and counted", "internal/logs.TestPanicsAreContained"},
	"auth.WithSlog(slog.Logger)":                    {"a line is lost, and counted", "internal/logs.TestPanicsAreContained"},
	"beacon.NewRoster(Discoverer)":                  {"it has failed, as Err says; the others are followed", "beacon.TestRosterIsContained"},
	"beacon.NewUDP(Format)":                         {"a beacon is lost; or it reaches Announce's caller, or is NewUDP's error", "beacon.TestFormatIsContained"},
	"beacon.WithInterfaces(func)":                   {"the interface is left out", "beacon.TestHooksAreContained"},
	"beacon.WithLogger(zerolog.Logger)":             {"a line is lost, and counted", "internal/logs.TestPanicsAreContained"},
	"beacon.WithPace(func)":                         {"the interval of Publish holds", "beacon.TestHooksAreContained"},
	"beacon.WithSlog(slog.Logger)":                  {"a line is lost, and counted", "internal/logs.TestPanicsAreContained"},
	"beacon/mdns.WithInterfaces(func)":              {"the interface is left out", "beacon/mdns.TestHooksAreContained"},
	"beacon/mdns.WithLogger(zerolog.Logger)":        {"a line is lost, and counted", "internal/logs.TestPanicsAreContained"},
	"beacon/mdns.WithSlog(slog.Logger)":             {"a line is lost, and counted", "internal/logs.TestPanicsAreContained"},
	"beacon/members.WithLogger(zerolog.Logger)":     {"a line is lost, and counted", "internal/logs.TestPanicsAreContained"},
	"beacon/members.WithSlog(slog.Logger)":          {"a line is lost, and counted", "internal/logs.TestPanicsAreContained"},
	"cert.(*FSStore).OnChange(func)":                {"the other observers are told, and the one who reloads gets it", "cert.TestObserversAreContained"},
	"cert.(*MemStore).OnChange(func)":               {"the other observers are told, and the one who made the change gets it", "cert.TestObserversAreContained"},
	"cert.NewFSStore(fs.FS)":                        {"it reaches the one who reloads; the store stays as it was", "cert.TestFSIsContained"},
	"cert.WithLogger(zerolog.Logger)":               {"a line is lost, and counted", "internal/logs.TestPanicsAreContained"},
	"cert.WithSlog(slog.Logger)":                    {"a line is lost, and counted", "internal/logs.TestPanicsAreContained"},
	"compat/pebbe.(*Reactor).AddChannel(func)":      {"it runs in Run's caller and reaches that; the reactor stays usable", "compat/pebbe.TestReactorIsContained"},
	"compat/pebbe.(*Reactor).AddChannelTime(func)":  {"it runs in Run's caller and reaches that; the reactor stays usable", "compat/pebbe.TestReactorIsContained"},
	"compat/pebbe.(*Reactor).AddSocket(func)":       {"it runs in Run's caller and reaches that; the reactor stays usable", "compat/pebbe.TestReactorIsContained"},
	"compat/pebbe.AuthSetMetadataHandler(func)":     {"the peer is refused", "compat/pebbe.TestAuthMetadata"},
	"compat/zmq4.Core(Socket)":                      {"no method of it is called", "compat/zmq4.TestForeignSocketIsNotCalled"},
	"compat/zmq4.NewProxy(Socket)":                  {"no method of it is called", "compat/zmq4.TestForeignSocketIsNotCalled"},
	"compat/zmq4.Open(Security)":                    {"the connection ends", "compat/zmq4.TestOwnSecurityPanics"},
	"compat/zmq4.Open(func)":                        {"it reaches the caller; the connection is closed", "compat/zmq4.TestLossIsContained"},
	"compat/zmq4.Open(net.Conn)":                    {"Open fails; later it reaches the caller, and the connection is closed", "compat/zmq4.TestConnIsContained"},
	"compat/zmq4.WithSecurity(Security)":            {"the connection ends", "compat/zmq4.TestOwnSecurityPanics"},
	"go actor.(*Actor).begin":                       {"the life ends, as it was to", "actor.TestEndsAreContained"},
	"go actor.(*Actor).launch":                      {"the actor ends with a *PanicError", "actor.TestPanicIsTheActorsError"},
	"go actor.(*Context[M]).Async":                  {"the life ends, as by a panic of its handler", "actor.TestHooksAreContained"},
	"go actor.(*Context[M]).call":                   {"the life ends with a *PanicError", "actor.TestTasksAreContained"},
	"go actor.(*Ref[M]).Wake":                       {"the life ends with a *PanicError", "actor.TestHooksAreContained"},
	"go actor.(*Ref[M]).begin":                      {"the life ends, as it was to", "actor.TestEndsAreContained"},
	"go actor.(*Ref[M]).launch":                     {"the life ends with a *PanicError", "actor.TestHooksAreContained"},
	"go actor.(*Supervisor).logEvents":              {"a line is lost, and the log says it", "actor.TestLogIsContained"},
	"go actor.(*Timer).start":                       {"the life ends with a *PanicError", "actor.TestTasksAreContained"},
	"go actor.newChildren":                          {"the children and the life end with a *PanicError", "actor.TestTasksAreContained"},
	"go actor/actortest.Fault":                      {"the test fails, and goes on", "actor/actortest.TestFaultIsContained"},
	"go auth.(*Auth).check":                         {"one check ends, and its peer is refused with 500", "auth.TestTasksAreContained"},
	"go auth.(*passwordFile).start":                 {"one look ends; the passwords stay what they were", "auth.TestPasswordFileIsContained"},
	"go auth.New":                                   {"one request ends; or the authenticator, which gives its place back", "auth.TestServeIsContained"},
	"go beacon.(*Beacon).start":                     {"a datagram or a sending is over; without its goroutine, Publish is ErrClosed", "beacon.TestTasksAreContained"},
	"go beacon.NewRoster":                           {"it has failed, as Err says; the others are followed", "beacon.TestRosterIsContained"},
	"go beacon.NewUDP":                              {"a beacon is lost; or the Discoverer ends", "beacon.TestUDPIsContained"},
	"go beacon/mdns.(*node).start":                  {"a packet or a turn is over; without its goroutine, it is closed", "beacon/mdns.TestTasksAreContained"},
	"go beacon/mdns.New":                            {"a service is lost; or the Discoverer ends", "beacon/mdns.TestDiscovererIsContained"},
	"go beacon/members.New":                         {"one try is over; or the member waits to be found; or one exchange is, or news go by gossip alone", "beacon/members.TestTasksAreContained"},
	"go beacon/members.newTransport":                {"a connection ends; or all that come are turned away; or news go by exchanges alone", "beacon/members.TestTasksAreContained"},
	"go cert.newDirStore":                           {"one reload ends, and the log says it", "cert.TestDirStoreIsContained"},
	"go compat/pebbe.(*Socket).Close":               {"only the goroutine ends; it is counted for the process and logged", "compat/pebbe.TestCloseIsContained"},
	"go compat/pebbe.AuthStart":                     {"the peer is refused", "compat/pebbe.TestAuthIsContained"},
	"go gossip.(*Node).Connect":                     {"the link ends, or the session with the hub; the node goes on", "gossip.TestLinksAreContained"},
	"go gossip.(*Node).Disconnect":                  {"the link ends", "gossip.TestLinksAreContained"},
	"go gossip.(*Node).Discoverer":                  {"one peer or renewal is lost, or the Discoverer ends; the node goes on", "gossip.TestDiscovererIsContained"},
	"go gossip.(*Node).stop":                        {"the socket is closed at once", "gossip.TestLinksAreContained"},
	"go gossip.(host).Redial":                       {"the link ends", "gossip.TestLinksAreContained"},
	"go gossip.New":                                 {"a message's session ends, or a turn of the clock; or the node", "gossip.TestTasksAreContained"},
	"go internal/contain.(*Guard).Go":               {"it is how goroutines are started", "internal/contain.TestGuard"},
	"go internal/contain.AfterFunc":                 {"only the goroutine ends, and the caller's report hears of it", "internal/contain.TestStarts"},
	"go internal/contain.AfterTime":                 {"only the goroutine ends, and the caller's report hears of it", "internal/contain.TestStarts"},
	"go internal/contain.Apart":                     {"it is how hooks are called", "internal/contain.TestRunWhoseEndPanics"},
	"go internal/contain.Go":                        {"only the goroutine ends, and the caller's report hears of it", "internal/contain.TestStarts"},
	"go internal/durable.(*onDisk).start":           {"what the stream has on disk is lost, and counted; it goes on in memory", "internal/durable.TestDiskIsContained"},
	"go internal/feed.(*hub[E, B]).add":             {"the subscription ends; it is counted for the process and logged", "internal/feed.TestEndIsContained"},
	"go internal/feed.(*hub[E, B]).channel":         {"the subscription ends; it is counted for the process and logged", "internal/feed.TestChanIsContained"},
	"go internal/lifetime.(*Life).begin":            {"it is the error of Close, counted for the process and logged", "internal/lifetime.TestEndIsContained"},
	"go internal/lifetime.New":                      {"it is the error of Close, counted for the process and logged", "internal/lifetime.TestEndIsContained"},
	"go internal/logs.(*limits).set":                {"the line is lost, and counted", "internal/logs.TestTimerIsContained"},
	"go internal/pgm.(*Receiver).run":               {"the endpoint ends, and is told", "internal/pgm.TestEndpointIsContained"},
	"go internal/pgm.(*Sender).run":                 {"the endpoint ends, and is told", "internal/pgm.TestEndpointIsContained"},
	"go internal/session.(*Acceptor).opened":        {"the connection ends, and is told", "zmq.TestNetworkIsContained"},
	"go internal/session.(*Acceptor).pause":         {"the handshake goes on, with a larger stack; it is counted and told", "zmq.TestFirstWordIsContained"},
	"go internal/session.(*Acceptor).resume":        {"the connection ends, and is told", "zmq.TestNetworkIsContained"},
	"go internal/session.(*Acceptor).take":          {"the connection ends, and is told", "zmq.TestNetworkIsContained"},
	"go internal/session.(*Connector).Renew":        {"the attempt fails, and is told; there is another", "internal/session.TestRenewIsContained"},
	"go internal/session.(*Connector).again":        {"the connection ends, and is told", "zmq.TestNetworkIsContained"},
	"go internal/session.(*Connector).opened":       {"the connection ends, and is told", "zmq.TestNetworkIsContained"},
	"go internal/session.(*conn).startWriter":       {"the connection ends, and is told", "zmq.TestNetworkIsContained"},
	"go internal/session.(*heartbeat).after":        {"the connection ends, and is told", "internal/session.TestHeartbeatIsContained"},
	"go internal/session.Accept":                    {"the connection ends, and is told", "zmq.TestNetworkIsContained"},
	"go internal/session.Connect":                   {"the connection ends, and is told", "zmq.TestNetworkIsContained"},
	"go internal/session.parallel":                  {"the batch fails", "internal/session.TestParallelPanics"},
	"go internal/transport.AcceptLoop":              {"the loop ends, and its onError hears of it", "internal/transport.TestCloseIsContained"},
	"go internal/udp.(*Link).flow":                  {"the link ends, and is told", "internal/udp.TestLinkIsContained"},
	"go internal/udp.(*Link).startWriter":           {"the link ends, and is told", "internal/udp.TestLinkIsContained"},
	"go observe.serve":                              {"the server ends; it is counted for the process and logged", "observe.TestServeIsContained"},
	"go pattern/majordomo.(*conversation).begin":    {"the worker's Run ends with it", "pattern/majordomo.TestHandlerPanics"},
	"go remote.(*Space).open":                       {"a deadline is not seen; the asker has left all the same", "remote.TestAskersLeave"},
	"go remote.(*served).serve":                     {"the asker is told", "remote.TestHooksThatPanic"},
	"go remote.(*served).start":                     {"the message in hand is lost, and the asker told", "remote.TestHooksThatPanic"},
	"go remote.New":                                 {"what the peer of an event has asked for fails; or the space ends", "remote.TestEventsAreContained"},
	"go zloop.(*connSource).start":                  {"the handle ends with ErrPanic", "zloop.TestSourcesAreContained"},
	"go zloop.(*seqSource[T]).start":                {"the handle ends with ErrPanic", "zloop.TestSourcesAreContained"},
	"go zloop.(*writeBuffer).ensure":                {"the handle ends with ErrPanic", "zloop.TestSourcesAreContained"},
	"go zmq.(*Socket).Chan":                         {"the channel closes; it is counted and told", "zmq.TestChanIsContained"},
	"go zmq.(*Socket).ask":                          {"the question ends without an answer; it is counted and told", "zmq.TestOwnGoroutinesAreContained"},
	"go zmq.(*Socket).closeWith":                    {"only the goroutine ends; it is counted and told", "zmq.TestOwnGoroutinesAreContained"},
	"go zmq.(*Socket).finish":                       {"only the goroutine ends; it is counted and told", "zmq.TestOwnGoroutinesAreContained"},
	"go zmq.(*Socket).follow":                       {"the connection ends, and is told", "zmq.TestOwnGoroutinesAreContained"},
	"go zmq.(*Socket).startMonitor":                 {"only the goroutine ends; it is counted and told", "zmq.TestOwnGoroutinesAreContained"},
	"go zmq.(*SteerableProxy).Run":                  {"the proxy ends with ErrPanic; what it has taken goes back", "zmq.TestProxyIsContained"},
	"go zmq.(*dropWatch).again":                     {"only the goroutine ends; it is counted and told", "zmq.TestOwnGoroutinesAreContained"},
	"go zmq.(*endpointTable).enter":                 {"only the goroutine ends; it is counted and told", "zmq.TestOwnGoroutinesAreContained"},
	"go zmq.(*pub).leaveStream":                     {"only the goroutine ends; it is counted and told", "zmq.TestOwnGoroutinesAreContained"},
	"go zmq.New":                                    {"the socket is closed all the same; it is counted", "zmq.TestClosingAllIsContained"},
	"go zmq.closeAll":                               {"the socket is closed all the same; it is counted", "zmq.TestClosingAllIsContained"},
	"go zmq.(*question).finish":                     {"the peer is refused, and told to come again; it is counted and told", "zmq.TestOwnGoroutinesAreContained"},
	"go zyre.(*Node).discover":                      {"a Discoverer is not followed any more, or New fails; the node goes on", "zyre.TestDiscovererIsContained"},
	"go zyre.(*Node).run":                           {"a message ends its peer, a turn of the clock is over; or the node ends", "zyre.TestTasksAreContained"},
	"go zyre.(*Node).resolve":                       {"the name is looked up again", "zyre.TestHostNames"},
	"go zyre.(host).Dial":                           {"the dial has failed", "zyre.TestTasksAreContained"},
	"go zyre.(host).Hangup":                         {"the link is closed at once", "zyre.TestHangupIsContained"},
	"gossip.WithLogger(zerolog.Logger)":             {"a line is lost, and counted", "internal/logs.TestPanicsAreContained"},
	"gossip.WithSlog(slog.Logger)":                  {"a line is lost, and counted", "internal/logs.TestPanicsAreContained"},
	"pattern/lazypirate.WithLogger(zerolog.Logger)": {"as its sockets' logger", "zmq.TestLoggerIsContained"},
	"pattern/lazypirate.WithSlog(slog.Logger)":      {"as its sockets' logger", "zmq.TestLoggerIsContained"},
	"pattern/majordomo.NewWorker(Handler)":          {"the worker's Run ends with it", "pattern/majordomo.TestHandlerPanics"},
	"pattern/majordomo.WithLogger(zerolog.Logger)":  {"as its sockets' logger", "zmq.TestLoggerIsContained"},
	"pattern/majordomo.WithSlog(slog.Logger)":       {"as its sockets' logger", "zmq.TestLoggerIsContained"},
	"go remote.(*Space).logEvents":                  {"the log ends; a logger that panics loses a line", "internal/logs.TestPanicsAreContained"},
	"go remote.(*Space).whisper":                    {"what is owed to one node is not sent", "remote.TestEveryRefusalArrives"},
	"remote.WithLogger(zerolog.Logger)":             {"a line is lost, and counted", "internal/logs.TestPanicsAreContained"},
	"remote.WithSlog(slog.Logger)":                  {"a line is lost, and counted", "internal/logs.TestPanicsAreContained"},
	"remote.Codec.Marshal(func)":                    {"the message is not sent, or the asker told", "remote.TestHooksThatPanic"},
	"remote.Codec.Unmarshal(func)":                  {"the message is refused, and the asker told", "remote.TestHooksThatPanic"},
	"remote.WithAllow(func)":                        {"the message is refused, and the asker told", "remote.TestHooksThatPanic"},
	"zloop.(*Handle).OnEnd(func)":                   {"it runs in Run's caller and reaches that; the loop stays usable", "zloop.TestHandlersAreContained"},
	"zloop.(*Loop).After(func)":                     {"it runs in Run's caller and reaches that; the loop stays usable", "zloop.TestHandlersAreContained"},
	"zloop.(*Loop).Conn(func)":                      {"it runs in Run's caller and reaches that; the loop stays usable", "zloop.TestHandlersAreContained"},
	"zloop.(*Loop).Conn(net.Conn)":                  {"the handle ends with ErrPanic", "zloop.TestSourcesAreContained"},
	"zloop.(*Loop).Every(func)":                     {"it runs in Run's caller and reaches that; the loop stays usable", "zloop.TestHandlersAreContained"},
	"zloop.(*Loop).Post(func)":                      {"it runs in Run's caller and reaches that; the loop stays usable", "zloop.TestHandlersAreContained"},
	"zloop.(*Loop).Reader(Receiver)":                {"it runs in Run's caller and reaches that; the loop stays usable", "zloop.TestHandlersAreContained"},
	"zloop.(*Loop).Reader(func)":                    {"it runs in Run's caller and reaches that; the loop stays usable", "zloop.TestHandlersAreContained"},
	"zloop.(*Loop).Stream(func)":                    {"it runs in Run's caller and reaches that; the loop stays usable", "zloop.TestHandlersAreContained"},
	"zloop.(*Loop).Stream(net.Conn)":                {"the handle ends with ErrPanic", "zloop.TestSourcesAreContained"},
	"zloop.(*Loop).Ticket(func)":                    {"it runs in Run's caller and reaches that; the loop stays usable", "zloop.TestHandlersAreContained"},
	"zloop.(*Loop).Times(func)":                     {"it runs in Run's caller and reaches that; the loop stays usable", "zloop.TestHandlersAreContained"},
	"zloop.(*Loop).Writer(func)":                    {"it runs in Run's caller and reaches that; the loop stays usable", "zloop.TestHandlersAreContained"},
	"zloop.(*Stream).OnRoom(func)":                  {"it runs in Run's caller and reaches that; the loop stays usable", "zloop.TestHandlersAreContained"},
	"zloop.Chan(func)":                              {"it runs in Run's caller and reaches that; the loop stays usable", "zloop.TestHandlersAreContained"},
	"zloop.Each(func)":                              {"it runs in Run's caller and reaches that; the loop stays usable", "zloop.TestHandlersAreContained"},
	"zloop.Each(iter.Seq)":                          {"the handle ends with ErrPanic", "zloop.TestSourcesAreContained"},
	"zloop.WithOnEnd(func)":                         {"it runs in Run's caller and reaches that; the loop stays usable", "zloop.TestHandlersAreContained"},
	"zmq.(*Context).Expel(func)":                    {"it runs in the caller and reaches that; nothing is locked", "zmq.TestExpelIsContained"},
	"zmq.WithListener(net.Listener)":                {"as a network's; its Close fails with an event", "zmq.TestListenerCloseIsContained"},
	"zmq.WithLogger(zerolog.Logger)":                {"a line is lost, and counted", "zmq.TestLoggerIsContained"},
	"zmq.WithNetwork(Network)":                      {"the connection ends, and is told", "zmq.TestNetworkIsContained"},
	"zmq.WithSlog(slog.Logger)":                     {"a line is lost, and counted", "zmq.TestLoggerIsContained"},
	"zmq.WithTLSConfig(tls.Config)":                 {"the connection ends, and is told", "zmq.TestTLSCallbacksAreContained"},
	"zyre.WithCurve(cert.Store)":                    {"that peer is refused", "zyre.TestStoreIsContained"},
	"zyre.WithLogger(zerolog.Logger)":               {"a line is lost, and counted", "internal/logs.TestPanicsAreContained"},
	"zyre.WithNetwork(zmq.Network)":                 {"the connection ends, and is told", "zmq.TestNetworkIsContained"},
	"zyre.WithSlog(slog.Logger)":                    {"a line is lost, and counted", "internal/logs.TestPanicsAreContained"},
	"pattern/lastvalue.WithLogger(zerolog.Logger)":  {"as its sockets' logger", "zmq.TestLoggerIsContained"},
	"pattern/lastvalue.WithSlog(slog.Logger)":       {"as its sockets' logger", "zmq.TestLoggerIsContained"},
	"pattern/clone.WithLogger(zerolog.Logger)":      {"as its sockets' logger", "zmq.TestLoggerIsContained"},
	"pattern/clone.WithSlog(slog.Logger)":           {"as its sockets' logger", "zmq.TestLoggerIsContained"},
	"go pattern/clone.NewClient":                    {"the client ends, and its calls with it", "pattern/clone.TestClientIsContained"},
}

func TestContainment(t *testing.T) {
	tree := os.DirFS("../..")
	found, err := places(tree)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range found {
		if _, shown := contained[p]; !shown {
			t.Errorf("%s is not contained: what happens when it panics? Use internal/contain, write a test that makes it panic, and name both in contained, internal/arch/contain_test.go", p)
		}
	}
	for p, c := range contained {
		if !slices.Contains(found, p) {
			t.Errorf("contained has %s, which is not there any more", p)
		}
		if folder, name, _ := cutLast(c.test, "."); c.how == "" || !hasTest(tree, folder, name) {
			t.Errorf("%s: how is %q, and there is no test %q", p, c.how, c.test)
		}
	}
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// hasTest reports whether a folder has a test of that name.
func hasTest(tree fs.FS, folder, name string) bool {
	files, _ := fs.Glob(tree, path.Join(folder, "*_test.go"))
	re := regexp.MustCompile(`(?m)^func ` + regexp.QuoteMeta(name) + `\(t \*testing\.T\)`)
	return name != "" && slices.ContainsFunc(files, func(f string) bool {
		b, err := fs.ReadFile(tree, f)
		return err == nil && re.Match(b)
	})
}

// The list is worth something only if it finds every kind of place, and only those.
func TestPlaces(t *testing.T) {
	for _, c := range []struct{ name, src, want string }{
		{"function", `func With(fn func()) {}`, "zmq.With(func)"},
		{"method", `type S struct{}; func (s *S) On(n int, fn func(int) error) {}`, "zmq.(*S).On(func)"},
		{"several", `func All(fns ...func()) {}`, "zmq.All(func)"},
		{"by name", `type Handler func(); func On(h Handler) {}`, "zmq.On(Handler)"},
		{"generic", `type Handler[M any] func(M); func On[M any](h Handler[M]) {}`, "zmq.On(Handler)"},
		{"interface", `type Store interface{ Get() }; func Use(s Store) {}`, "zmq.Use(Store)"},
		{"sealed interface", `type store interface{ Get() }; type Sealed interface{ get() }; func Use(s Sealed) {}`, ""},
		{"option", `type Option func(); func New(opts ...Option) {}`, ""},
		{"foreign", `import "crypto/tls"; func With(c *tls.Config) {}`, "zmq.With(tls.Config)"},
		{"field", `type Config struct{ OnEnd func() }`, "zmq.Config.OnEnd(func)"},
		{"own field", `type Config struct{ onEnd func() }`, ""},
		{"not exported", `func with(fn func()) {}; type s struct{}; func (s) On(fn func()) {}`, ""},
		{"go", `func (s *S) run() { func() { go f() }() }`, "go zmq.(*S).run"},
		{"timer", `import "time"; func f() { time.AfterFunc(1, nil) }`, "go zmq.f"},
		{"contained", `func f() { contain.Go("f", f, nil) }`, "go zmq.f"},
		{"passes on", `func f() { go func() { defer close(b); select { case <-a: return; case b <- x: case x, ok := <-c: wg.Done() }; wg.Wait(); d <- x }() }`, ""},
		{"passes on, and more", `func f() { go func() { defer close(b); <-a; g() }() }`, "go zmq.f"},
		{"what a call returns", `func f() { go func() { a <- g() }() }`, "go zmq.f"},
		{"argument", `func f() { go func(x int) { close(a) }(g()) }`, "go zmq.f"},
		{"cancels", `func f() { ctx, cancel := context.WithCancel(ctx); context.AfterFunc(a, cancel); go func() { <-b; cancel() }() }`, ""},
		{"cancels a field", `func (e *E) f() { e.ctx, e.hurry = context.WithCancel(ctx) }; func g(e *E) { context.AfterFunc(a, e.hurry) }`, ""},
		{"cancel in name only", `func cancel() {}; func f() { context.AfterFunc(a, cancel); go func() { cancel() }() }`, "go zmq.f"},
	} {
		found, err := places(fstest.MapFS{"zmq/a.go": {Data: []byte("package zmq; " + c.src)}, "zmq/a_test.go": {Data: []byte("package zmq; func T(fn func()) { go fn() }")}, "cmd/a.go": {Data: []byte("package main; func F(fn func()) { go fn() }")}})
		if got := strings.Join(found, " "); err != nil || got != c.want {
			t.Errorf("%s: found %q, %v, want %q", c.name, got, err, c.want)
		}
	}
}
