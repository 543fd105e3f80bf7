package arch

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	record "github.com/go-zactor/zactor/internal/ztest"
)

// promised is one line of docs/reliability.md.
type promised struct {
	id    string
	text  string
	tests string // package:Test, several apart by spaces
	libmq string // what libzmq 4.3.4 does in the same place, where that is known
}

// promises are what docs/reliability.md says. The first letters are those of the plan: P for
// delivery, A for what is accepted.
var promises = []promised{
	{"P1", "Order: from one sender to one receiver numbers rise, over every transport", "zmq:TestStressDelivery zmq:TestStressManyToMany", "the same"},
	{"P2", "At most once: no reconnect, cut or restart makes a double, unless WithSwap or WithRequeue asks for that", "zmq:TestSimFaultsPushPull zmq:TestSimBooks internal/soak:TestSoak", "the same"},
	{"P3", "Whole: a sender that dies at any byte leaves no part of a message", "zmq:TestStressCutAtEveryByte zmq:TestStressCutByProxy", "the same"},
	{"P4", "Without a fault nothing is lost, however slow the reader is", "zmq:TestStressDelivery zmq:TestStressCurveDelivery", "the same"},
	{"P5", "Close tells the truth: nil when all has arrived, or UnsentError with the number", "zmq:TestStressCloseLosesNothing zmq:TestSimUnsent zmq:TestRequeueCloseTellsTheTruth internal/crowd:TestCrowd", "by LINGER, and without a word"},
	{"P6", "A cancelled Send or Recv loses nothing", "zmq:TestStressCancel zmq:TestStressCancelledReceiverPassesOn", "has no cancellation"},
	{"P7", "What a killed PULL had taken is lost, and no more; with WithRequeue what its kernel had not acknowledged goes to another, and doubles are marked. TestSimBooks bounds the loss by the buffers; with processes that are killed the bound is wider than what is sent, and only figures are taken", "zmq:TestKilledPulls zmq:TestStoppedPull zmq:TestRequeueIsCut zmq:TestSimBooks", "figures at A14"},
	{"P8", "What waits for a peer that is away waits, through any number of restarts", "zmq:TestStressQueueSurvivesReconnect zmq:TestStressServerRestarts zmq:TestSimReconnectTimes", "the same"},
	{"P9", "A PUB never waits; for each subscriber sent = received + dropped", "zmq:TestSimPubDropsAreCounted", "drops, and does not count"},
	{"P10", "A subscriber that asks is told how many it missed", "zmq:TestGapNotices", "no notice"},
	{"P11", "After a reconnect subscriptions are told before anything else", "zmq:TestTopicsComeBack zmq:TestSimFaultsPubSub", "the same"},
	{"P12", "A ROUTER with WithRouterMandatory returns an error for what has no way or no room", "zmq:TestConformance zmq:TestMandatoryWithAFullPeer", "the same; without it both drop, and ours counts"},
	{"P13", "A lost server wedges no REQ; a late reply is not taken for the next", "zmq:TestSimFaultsReqRep", "wedges without REQ_RELAXED"},
	{"P14", "Bounds hold in bytes, whatever the size of messages", "zmq:TestRecvBytesBoundMemory zmq:TestRecvBytesCountsBuffers zmq:TestBytesOverInproc", "no bound in bytes"},
	{"P15", "Over inproc, too, order holds and nothing is lost; Connect may come before Bind; Close of a sender loses nothing while the other side reads", "zmq:TestStressInprocComeAndGo zmq:TestStressDelivery zmq:TestStressCloseLosesNothing", ""},
	{"P16", "WithSwapSync: what Send returned for is on the disk; a torn end is cut and damage is reported", "zmq:TestSwapKilled zmq:TestSwapNamesDamage zmq:TestSwapOnFullDisk", "has no swap"},
	{"P17", "A durable subscriber that returns gets what was kept, in order, and the number of the rest; names are the user's own", "zmq:TestDurableMissesNothing zmq:TestDurableNamesTheGap zmq:TestDurableNameIsTheUsers zmq:TestSimBooks", "has none"},
	{"P18", "A panic in one actor is its owner's business alone", "actor:TestOneOfTenThousandPanics actor:TestChaos", ""},
	{"A1", "It talks with libzmq: each legal pair of types with either side ours and either bound, over tcp and ipc; with PLAIN and CURVE in both roles, over tcp only, and without a REQ of libzmq's that is the server of the mechanism, which fails with libzmq, too", "internal/interop:TestMatrix zmq:TestInteropConformance zmq:TestInteropSecured", ""},
	{"A2", "CURVE is right to the byte, and what is changed is refused", "zmq:TestSecureVectorsServer zmq:TestSecureVectorsClient internal/security:TestCurveVectors internal/security:TestCurveMustReject internal/security:TestBitFlips zmq:TestSecureMustReject zmq:TestSecureFlips", ""},
	{"A3", "Nobody gets in without permission: a wrong or revoked key or password, another domain or mechanism, an authenticator that is not there, silent, late, wrong or panics; whichever side has dialled", "zmq:TestSecureMatrix zmq:TestSecureMatrixControl", ""},
	{"A4", "No greeting talks a socket with PLAIN or CURVE into an older version or a lesser mechanism", "internal/wire:TestDowngradeSweep internal/wire:TestGreetingVectors internal/wire:TestSecureGreeting zmq:TestSecureMatrix", ""},
	{"A5", "A server is genuine to a client of CURVE; each handshake takes in each state the command that is due and no other, and an impostor keeps no client away. With PLAIN and NULL a client cannot know its server", "internal/security:TestStateTable internal/wire:TestStateTable zmq:TestSecurityImpostor zmq:TestSecurityWrongServerKey zmq:TestSecureMustReject", ""},
	{"A6", "Nothing from the wire ends the process: each surface has a fuzzer, and a panic is contained", "internal/arch:TestSurfaces internal/arch:TestContainment", "aborts on failed assertions"},
	{"A7", "Before login memory is bounded: 16 KiB a peer, and 64 KiB of one that sends what it may", "zmq:TestFootprint zmq:TestSecureHostilePeers zmq:TestHostileSizesCostNothing", "1,000 hostile peers: 301 MB"},
	{"A8", "Silent peers and floods keep nobody out", "zmq:TestSecureHelloFlood zmq:TestHostileCrowd internal/crowd:TestHonestBesideHostile", ""},
	{"A9", "Out of descriptors a listener backs off, and goes on when there are some", "internal/transport:TestAcceptOutOfDescriptors internal/transport:TestAcceptBacksOff internal/transport:TestNoDescriptorIsLost zmq:TestOutOfDescriptors", "spins on EMFILE"},
	{"A10", "A peer costs little: 6 KiB that has said nothing, 16 before login, 12 in and at rest (wss 18)", "zmq:TestFootprint", "half-open 3.6 kB, in 29.6 kB"},
	{"A11", "A million topics, or groups, are freed while others are served, also of durable subscribers", "zmq:TestHostileTopics zmq:TestLeavingWithManyTopics zmq:TestForgetTopics zmq:TestForgetTopicsCost zmq:TestTopicsAreGivenBack zmq:TestDurableAwayTopics zmq:TestDurableForgottenTopics zmq:TestDurableLeavingWithManyTopics zmq:TestDurableOtherTopics", "528 B a topic, not given back"},
	{"A14", "A PULL that is killed takes with it what it had received and not read, and what the kernels held: high-water mark and buffers; nothing comes twice unmarked", "zmq:TestKilledPulls", "lost a kill at equal pace, 64 B: 46 over tcp and 126 over ipc when PULL binds, 44 and 48 when PUSH binds"},
	{"A18", "A peer that has stopped is noticed", "zmq:TestHeartbeatAndAStoppedProcess zmq:TestHeartbeatOfAPeerThatNeverReads zmq:TestSimTTL", "the same"},
	{"A19", "A subscriber that does not read harms no other, and its drops are exact", "zmq:TestStoppedSubscriber zmq:TestSimPubDropsAreCounted zmq:TestSwapForSlowSubscribers", ""},
	{"A20", "Of ten thousand actors one panics: the others go on, it is started again, and what was in its mailbox is handled, in order", "actor:TestOneOfTenThousandPanics", ""},
	{"A21", "A sender with WithSwapSync is killed again and again: what Send had accepted comes once or more, in order; a bit that turned on the disk costs its message and is named", "zmq:TestSwapKilled zmq:TestSwapNamesDamage", "has no swap"},
	{"A22", "Forged beacons: few dials, bounded memory, no live peer is dropped", "zyre:TestBeaconFlood zyre:TestForgedGoodbyes", ""},
	{"A23", "A change of certificates takes effect on connections that are there", "auth:TestCertificateDirectory auth:TestChurn cert:TestHalfWrittenFile", ""},
	{"A24", "Memory, descriptors and goroutines come back", "zmq:TestStressNoLeak internal/soak:TestSoak", ""},
	{"A25", "Books balance: accepted = delivered + dropped by reason + reported unsent + requeued + what lost connections had taken", "zmq:TestSimBooks zmq:TestKilledPulls zmq:TestStoppedPull zmq:TestRequeueIsCut zmq:TestCutMessageIsSentAgain zmq:TestSwapKilled zmq:TestSwapOnFullDisk zmq:TestDurableForgets zmq:TestHandoverOfASlowReceiver internal/soak:TestSoak", "no books"},
}

const reliabilityHead = `# Reliability

Made by ` + "`ZACTOR_UPDATE=1 go test ./internal/arch -run TestReliabilityPage`" + `; a test fails when it
is stale, or names a test that does not exist. Figures are written by the tests themselves
(` + "`make record`" + `, at full size) into
reliability.json; they are of the machine of [benchmarks.md](benchmarks.md), and of a busy hour unless the
page of a release says otherwise. What is said of libzmq was seen with 4.3.4.

"Accepted" is what Send returned nil for. "A lost connection had taken" means what the
buffers of the two kernels and of the one that was writing held: nobody can know of these
whether they were read. Who must know needs replies.

Not promised (P19): exactly once; order across peers, or across a reconnect to another peer;
anything that a peer's kernel has acknowledged and its program never read; what a PUB sends
before a subscription has arrived.

| | Promise | How it is tested | Figures here | libzmq |
|---|---|---|---|---|
`

// TestReliabilityPage compares docs/reliability.md with the table, its tests with those that
// there are, and the figures with those that the tests have written.
func TestReliabilityPage(t *testing.T) {
	there := testsOf(t)
	figures, err := record.Recorded()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	b.WriteString(reliabilityHead)
	for _, p := range promises {
		for name := range strings.FieldsSeq(p.tests) {
			if !there[name] {
				t.Errorf("%s names %s, which does not exist", p.id, name)
			}
		}
		var seen []string
		for _, what := range slices.Sorted(maps.Keys(figures[p.id])) {
			seen = append(seen, what+": "+figures[p.id][what])
		}
		delete(figures, p.id)
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", p.id, p.text, strings.ReplaceAll(p.tests, " ", ", "), strings.Join(seen, "; "), p.libmq)
	}
	for id := range figures {
		t.Errorf("there are figures of %s, which is no promise", id)
	}
	path := filepath.Join(root, "docs", "reliability.md")
	if os.Getenv("ZACTOR_UPDATE") != "" {
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if page, err := os.ReadFile(path); err != nil || !bytes.Equal(page, b.Bytes()) {
		t.Errorf("docs/reliability.md is not what the promises make of it (%v): ZACTOR_UPDATE=1 go test ./internal/arch -run TestReliabilityPage", err)
	}
}

// testsOf are all tests of the repository as package:Test.
func testsOf(t *testing.T) map[string]bool {
	t.Helper()
	there := map[string]bool{}
	is := regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, filepath.Dir(path))
		for _, m := range is.FindAllSubmatch(text, -1) {
			there[filepath.ToSlash(rel)+":"+string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return there
}
