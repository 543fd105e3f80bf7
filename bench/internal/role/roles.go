// Package role has everything that this binary does as a worker of the lab: our
// sockets, the floors (raw connections, channels), nats, and the partners that are
// the same for everyone (sinks, sources, idle peers).
package role

import "github.com/go-zactor/zactor/bench/internal/job"

// All are the roles, by the names that workloads give them.
var All = map[string]job.Role{
	"pull-release": pullRelease,
	"pull-keep":    pullKeep,
	"push-reuse":   pushReuse,
	"push-plain":   pushPlain,
	"curve-pull":   curvePull,
	"curve-push":   curvePush,
	"rep":          rep,
	"req":          req,
	"fanout-pub":   fanOutPub,
	"fanin-pull":   fanInPull,
	"topics-pub":   topicsPub,
	"router-idle":  routerIdle,
	"router-open":  routerHalfOpen,
	"inproc-plain": inprocPlain,
	"inproc-reuse": inprocReuse,
	"inproc-batch": inprocBatch,
	"inproc-ask":   inprocAsk,
	"actor-recv":   actorReceive,
	"actor-pair":   actorPair,
	"actor-ask":    actorAsk,
	"actor-idle":   actorIdle,

	"raw-recv":       rawReceive,
	"raw-send":       rawSend,
	"raw-curve-recv": rawCurveReceive,
	"raw-curve-send": rawCurveSend,
	"raw-reply":      rawReply,
	"raw-ask":        rawAsk,
	"raw-ask-hop":    rawAskThroughReader,
	"raw-fanout":     rawFanOut,
	"raw-fanin":      rawFanIn,
	"raw-topics":     rawTopics,
	"raw-idle":       rawIdle,
	"raw-open":       rawHalfOpen,
	"chan":           chanHandOver,
	"chan-alloc":     chanAllocate,
	"chan-pool":      chanPool,
	"chan-ask":       chanAsk,
	"chan-idle":      chanIdle,

	"nats-recv":   natsReceive,
	"nats-send":   natsSend,
	"nats-reply":  natsReply,
	"nats-ask":    natsAsk,
	"nats-fanout": natsFanOut,

	"fanout-sink":      fanOutSink,
	"fanout-nats-sink": natsSink,
	"fanin-source":     fanInSource,
	"topics-sink":      topicsSink,
	"idle-peers":       idlePeers,
	"half-open-peers":  halfOpenPeers,
}
