// Package zmq4 has the application programming interface of github.com/pebbe/zmq4 on the
// sockets of package zmq, without cgo and without libzmq. A program moves over by changing
// one import line:
//
//	import zmq "github.com/go-zactor/zactor/compat/pebbe"
//
//	req, err := zmq.NewSocket(zmq.REQ)
//	defer req.Close()
//	err = req.Connect("tcp://localhost:5555")
//	_, err = req.Send("Hello", 0)
//	answer, err := req.Recv(0)
//
// and then step by step, if it likes: Socket.Core is the socket behind a socket.
//
// All of the original's names are here, with its signatures (a test compares them). Errors
// are plain Errno values: EAGAIN when a time is over, ETERM when the context was
// terminated, EFSM out of turn. The defaults are libzmq's: no limit on what is received,
// a linger time without end, Close that returns at once and Term that waits.
//
// # What is different
//
//	What                         pebbe on libzmq                        here
//	A socket, many goroutines    crashes                                safe
//	SNDMORE                      each part is queued, or EAGAIN         the message is queued with its last part; EAGAIN
//	                                                                    and EFSM come there, and the parts before it stay
//	GetFd                        a descriptor that can be polled        ENOTSUP: use Poller, Reactor, or Core and channels
//	Binary of the program        needs libzmq                           static
//	GSSAPI, tipc, norm, VMCI     where libzmq has them                  none; EINVAL, EPROTONOSUPPORT
//	SetRouterRaw                 the forerunner of STREAM               EINVAL: use STREAM
//	SetReqRelaxed, peer gone     Recv waits                             EHOSTUNREACH
//	Threads of a context         SetIoThreads, SetThreadPriority, ...   accepted, and change nothing
//	EINTR                        SetRetryAfterEINTR                     never happens
//	Auth, a handler that panics  ends the program                       the peer is refused
//	AuthAllow                    addresses                              ranges such as 10.0.0.0/8 as well
//	Reactor                      warns of data races                    none known; the channels of tickers need no
//	                                                                    goroutine
//	GetBacklog, not set          100                                    4096: crowds of clients need not dial again
//	A peer of the wrong key      tried again, in silence                Monitor tells; Send and Recv return EACCES
//
// The draft sockets (package zmq4/draft of the original) are in package zmq: NewServer,
// NewClient, NewRadio, NewDish and the others.
package zmq4
