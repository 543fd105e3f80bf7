package majordomo

// The commands of MDP 0.2, https://rfc.zeromq.org/spec/18.
const (
	clientHeader = "MDPC02"
	workerHeader = "MDPW02"

	clientRequest = "\x01"
	clientPartial = "\x02"
	clientFinal   = "\x03"

	workerReady      = "\x01"
	workerRequest    = "\x02"
	workerPartial    = "\x03"
	workerFinal      = "\x04"
	workerHeartbeat  = "\x05"
	workerDisconnect = "\x06"
)

// MMI, https://rfc.zeromq.org/spec/8: services of the broker itself.
const (
	mmiPrefix      = "mmi."
	mmiService     = "mmi.service"
	mmiFound       = "200"
	mmiNotFound    = "404"
	mmiUnsupported = "501"
)

// maxName bounds the name of a service.
const maxName = 255

// command puts a body behind the frames of a command.
func command(body [][]byte, head ...string) [][]byte {
	frames := make([][]byte, 0, len(head)+max(1, len(body)))
	for _, h := range head {
		frames = append(frames, []byte(h))
	}
	return append(frames, body...)
}

// bodyOf is the frames of a body, which has one at least.
func bodyOf(frames [][]byte) [][]byte {
	if len(frames) == 0 {
		return [][]byte{{}}
	}
	return frames
}

func sizeOf(frames [][]byte) (n int64) {
	for _, f := range frames {
		n += int64(len(f))
	}
	return n
}
