// Package zactor is a toolkit for programs made of message-driven actors: inside one
// binary, across a LAN, over secured links, and in talk with every ZeroMQ peer in any
// language. It is pure Go and needs no cgo. This package holds only this page; what you
// import is below.
//
// # Which package for what
//
//   - I want to send messages between programs: [github.com/go-zactor/zactor/zmq] has
//     every socket type of ZeroMQ over tcp, ipc, inproc, ws, wss, udp and multicast.
//   - I want goroutines with a mailbox that are supervised, and stop when they are told
//     to: [github.com/go-zactor/zactor/actor]. To serve sockets, actors, timers and
//     connections on one goroutine: [github.com/go-zactor/zactor/zloop].
//   - I want actors of other machines to be used like local ones:
//     [github.com/go-zactor/zactor/remote].
//   - I want programs on a LAN to find each other and talk in groups:
//     [github.com/go-zactor/zactor/zyre]. Only to find them:
//     [github.com/go-zactor/zactor/beacon]. Beyond one LAN:
//     [github.com/go-zactor/zactor/gossip].
//   - I want links that nobody reads or joins: [github.com/go-zactor/zactor/cert] makes
//     and stores keys, [github.com/go-zactor/zactor/auth] decides who may connect.
//   - I want to build and read messages: [github.com/go-zactor/zactor/msg].
//   - I have a program for another binding: the packages below
//     github.com/go-zactor/zactor/compat have the API of that one.
//
// # How the packages stand on each other
//
//	remote   actors of other nodes
//	zyre     gossip     auth          nodes, spreading, who may connect
//	actor                             goroutines with a mailbox
//	zloop                             a reactor
//	zmq                               sockets
//	beacon   cert       msg           discovery, keys, messages
//
// A package imports only what stands below it. DESIGN.md in the repository has the same
// picture with the internal packages, and follows a message through them.
//
// # What is the same everywhere
//
// Who knows one package knows them all:
//
//   - A constructor takes a context and returns the thing running. The end of that
//     context ends it as Close does.
//   - Close waits for what was accepted, at most for the linger time where there is one,
//     and returns an *UnsentError for what it gave up. Shutdown(ctx) is Close with ctx
//     in place of the linger time. Both may be called again, and leave no goroutine.
//   - Run(ctx) works until ctx ends, and returns nil then.
//   - Events(ctx) tells what happens, from the call on, as an iterator. A slow reader
//     loses events and is told how many; it never slows anything.
//   - Each constructor has one kind of Option. WithLogger takes a zerolog.Logger,
//     WithSlog an *slog.Logger; without either nothing is logged.
//   - Errors match their package's sentinels with errors.Is; ErrClosed matches
//     net.ErrClosed as well.
//   - Every call that can wait takes a context. What is ready beats a context that has
//     ended, and a call that returns an error has done nothing.
package zactor
