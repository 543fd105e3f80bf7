package logs

// The events. The areas: 01 authentication, 02 certificates, 03 discovery,
// 04 sockets, 05 nodes and what else runs by itself, 06 actors, here and elsewhere.
const (
	AuthMalformed    ID = 101
	AuthPanicked     ID = 102
	AuthWithdrawn    ID = 103
	PasswordsStale   ID = 104
	PasswordsLoaded  ID = 105
	PasswordsExposed ID = 106

	CertSkipped    ID = 201
	CertLoaded     ID = 202
	CertNoNotices  ID = 203
	CertNoticeLost ID = 204

	BeaconNowhere  ID = 301
	BeaconLink     ID = 302
	BeaconNotSent  ID = 303
	BeaconOver     ID = 304
	GossipRefused  ID = 311
	GossipSilent   ID = 312
	MemberRefused  ID = 321
	MembersForeign ID = 322
	MembersNoSeed  ID = 323

	HandshakeFailed   ID = 401
	HandshakeRefused  ID = 402
	CredentialsDenied ID = 403
	DialFailed        ID = 404
	NoAnswer          ID = 405
	MessageTooLarge   ID = 406
	MessageRefused    ID = 407
	DroppedAtHWM      ID = 408
	DroppedNoRoute    ID = 409
	DroppedPeerGone   ID = 410
	DroppedUnwanted   ID = 411
	DroppedMalformed  ID = 412
	DroppedStale      ID = 413
	CloseWaits        ID = 414
	CloseGaveUp       ID = 415
	NoAuthenticator   ID = 416
	AcceptFailed      ID = 417
	MessagesLost      ID = 418
	SwapFailed        ID = 419
	Panicked          ID = 420
	ConnectionEnded   ID = 421
	PeerUnwanted      ID = 422
	TurnedAway        ID = 423
	TopicRefused      ID = 424
	DroppedFlood      ID = 425

	NodeRefused   ID = 501
	RefusedByNode ID = 502
	Contained     ID = 503

	ActorFailed     ID = 601
	ActorNotReady   ID = 602
	ActorStuck      ID = 603
	ActorGaveUp     ID = 604
	ActorDeadLetter ID = 605
	ActorSlow       ID = 606
	ActorMissed     ID = 607
	ActorUnsent     ID = 608
	RemoteSilent    ID = 611
	RemoteDenied    ID = 612
	RemoteUnknown   ID = 613
	RemoteBusy      ID = 614
	RemoteUnsent    ID = 615
)

// table is the catalogue. An entry that is added here needs nothing else.
var table = []Entry{
	{AuthMalformed, Warn, "authentication request malformed",
		"A request to the authenticator did not follow ZAP (RFC 27). It was answered with a refusal.",
		"Another program speaks to inproc://zeromq.zap.01, or a socket library has a fault.",
		"Find out who else uses the context's authenticator."},
	{AuthPanicked, Error, "password store panicked",
		"The store that was asked for a password panicked. The client was told to try again.",
		"A fault in the store, which is the program's own code.",
		"The field says what the panic was; mend the store."},
	{AuthWithdrawn, Info, "permission withdrawn",
		"Connections were closed, because the rules that let them in no longer do.",
		"The rules, the certificates or the passwords were changed.",
		"None, if the change was meant."},
	{PasswordsStale, Warn, "password file can't be read",
		"What was read from the file before counts on.",
		"The file was moved, its mode is not safe, or its content is malformed.",
		"The error names the line or the rule; mend the file, it is read again by itself."},
	{PasswordsLoaded, Info, "password file was read",
		"The file has changed; the new passwords count from now on.",
		"It was written.", "None."},
	{PasswordsExposed, Warn, "password file can be read by others",
		"The file is used all the same, but its passwords are in the clear for others on this host.",
		"Its mode lets the group or everyone read it.",
		"Take these rights away: chmod 600."},
	{CertSkipped, Warn, "certificate skipped",
		"A file of the store was not taken; clients with that key are refused.",
		"The file is malformed, its mode is not safe, or its key stands twice.",
		"The error names the rule; mend the file, it is read again by itself."},
	{CertLoaded, Info, "certificates were read",
		"The folder has changed; what it holds now counts.",
		"A file was written or removed.", "None."},
	{CertNoNotices, Warn, "certificate folder is only polled",
		"The system tells nothing about changes of the folder, so it is looked at from time to time; a change counts later.",
		"The file system has no notices, or the system's limit of watches is reached.",
		"Raise the limit (Linux: fs.inotify.max_user_instances), or live with the delay."},
	{CertNoticeLost, Debug, "certificate notices were lost",
		"The folder was read again in full.",
		"Very many changes at once.", "None."},

	{BeaconNowhere, Warn, "no interface to discover peers on",
		"Nothing is sent and nothing is heard until a usable interface is there; they are looked at every few seconds.",
		"The host has no network, the interface that was asked for does not exist or is down, or it can neither broadcast nor multicast.",
		"Look at the interfaces (ip addr) and at WithInterface; on one host only use WithLoopback; in a container give it a network, or use a list of peers or gossip instead."},
	{BeaconLink, Warn, "interface can't be used for discovery",
		"Peers behind that interface are not found. It is tried again every few seconds.",
		"The system has refused a socket or a multicast group there.",
		"The error says which; look at the interface (ip addr), at the limit of multicast groups, and at what a firewall or container allows."},
	{BeaconNotSent, Warn, "discovery could not send",
		"Peers behind that interface do not hear of this one. It is tried again.",
		"The network is unreachable or closed: a firewall, a container, or an interface that has just gone down.",
		"The error is the system's; look at the firewall's rules for UDP, at routes, and at the interface."},
	{BeaconOver, Info, "peers can be discovered again",
		"What kept peers from being found is over: an interface, a hub or a seed is there again.",
		"It has come back by itself, or was mended.", "None."},
	{GossipRefused, Warn, "tuples or messages of a peer refused",
		"What a gossip peer has sent was not taken; the reason says what becomes of its session.",
		"The table or the peer's share of it is full, there are peers enough, its clock is wrong, or it speaks something else.",
		"The reason says which limit, and which option raises it."},
	{GossipSilent, Warn, "gossip hub does not answer",
		"A hub that was connected has not answered for five timeouts. It is dialled again.",
		"Its program is stopped or overloaded, or something else listens there.",
		"Look at the hub."},
	{MemberRefused, Warn, "member refused by us",
		"A member was not entered.",
		"There are as many members as WithMaxPeers allows, or its network is not allowed (WithAllow).",
		"Raise WithMaxPeers, or allow its network."},
	{MembersForeign, Warn, "member has another key or label",
		"What another member says can't be read: neither sees the other.",
		"The members do not have the same WithSecretKey, only one of them has a key, or their WithLabel differs.",
		"Give all members the same key and label. The text says from which address it came."},
	{MembersNoSeed, Warn, "no seed answers",
		"The member is alone; its seeds are asked again after WithRejoin.",
		"No seed runs yet, its address or port is another one, or a firewall drops UDP or TCP of that port.",
		"Start a seed, or compare the seeds with what their Endpoint says."},

	{HandshakeFailed, Warn, "handshake failed",
		"A connection was there, and the peers could not agree. A connecting socket tries again.",
		"The other side has another mechanism or another socket type, speaks no ZMTP, or hung up.",
		"The error says which. Give both sides the same mechanism, and types that fit (PUSH and PULL, PUB and SUB, REQ and REP, DEALER and ROUTER)."},
	{HandshakeRefused, Warn, "peer refused by us",
		"A peer has come whose credentials this side does not accept. It was told so and turned away.",
		"The authenticator does not know its key or password, the policy is another one, or there is no authenticator in this context.",
		"If it should get in: add its public key to the certificates, or its password to the file; without an authenticator start one (auth.New), or use WithAllowAnyKey."},
	{CredentialsDenied, Error, "refused by the peer",
		"The peer does not accept this side's credentials. It is not asked again: the endpoint is given up, and calls return ErrAuth.",
		"The server's authenticator does not know our public key, or our user name and password.",
		"Add our public key on the server, and connect again."},
	{DialFailed, Info, "connecting failed",
		"An attempt to connect has failed. Another one follows.",
		"Nobody listens at that address yet, the port is another one, the name is unknown, or the network is down.",
		"None if the other side starts later. Else compare the endpoint with what the other side has bound."},
	{NoAnswer, Warn, "no answer",
		"For five seconds an endpoint has been waited for, and nothing at all has come back. The wait goes on.",
		"A firewall drops what is sent, the host is down, the address is another one's, the other side is no ZeroMQ socket; over inproc nobody has bound the name in this context.",
		"Try the address from this host with other means (zactor ping, ping, nc); look at firewalls; over inproc let both sockets be of one Context."},
	{MessageTooLarge, Warn, "message of a peer is too large",
		"A message was over this socket's limits. It was not received, and the connection was closed.",
		"The sender sends more than MAXMSGSIZE (16 MiB unless it is set) or MAXPARTS allow.",
		"Raise WithMaxMsgSize or WithMaxParts on this side, or send less at once."},
	{MessageRefused, Warn, "message was too large for the peer",
		"The peer did not take a message of this side, and has closed the connection. The message is lost.",
		"It was over the peer's MAXMSGSIZE (16 MiB unless it is set) or MAXPARTS.",
		"Raise the limit on the peer's side, or send less at once."},
	{DroppedAtHWM, Warn, "messages dropped at the high-water mark",
		"The queue of a peer was full, and this socket type does not wait: the messages are lost for that peer.",
		"The peer reads more slowly than this side sends, or not at all.",
		"Make the reader faster, send less, raise WithSendHWM, or use WithXPubNoDrop, WithRouterMandatory, WithSwap or WithDurable."},
	{DroppedNoRoute, Warn, "messages dropped, nobody has that routing id",
		"A ROUTER was given messages for a routing id that no peer has now.",
		"The peer has gone, has not come yet, or the first frame is not its routing id.",
		"Set WithRouterMandatory, and Send returns ErrHostUnreachable instead."},
	{DroppedPeerGone, Warn, "messages lost with a peer",
		"Messages that were accepted waited for a peer, or were on their way, when it went away for good.",
		"The peer's program ended, or the connection broke; what waits for a peer that connected to this side ends with the connection.",
		"Use WithRequeue, WithDurable or replies where nothing may be lost."},
	{DroppedUnwanted, Warn, "messages received that this type does not take",
		"A peer has sent messages to a socket that only sends, or to a group that was not joined.",
		"The peer's program has another idea of the protocol.",
		"Find out who it is (Peers), and what it means to send."},
	{DroppedMalformed, Warn, "messages received without a proper envelope",
		"Messages were thrown away because they did not begin as those of this socket type must.",
		"A DEALER that talks to a REP must send an empty frame first, as a REQ does.",
		"Send the empty frame, or use a ROUTER instead of the REP."},
	{DroppedStale, Debug, "late replies thrown away",
		"Replies have come to requests that are not waited for any more.",
		"The request was given up or sent again (WithReqRelaxed, WithReqCorrelate).",
		"None."},
	{CloseWaits, Warn, "closing still waits",
		"Close has waited for a second for accepted messages to be sent, and waits on for the rest of the linger time.",
		"The peer is not there, or does not read.",
		"The field says why. WithLinger says how long Close waits; Shutdown(ctx) ends it earlier, and says what was lost."},
	{CloseGaveUp, Warn, "closed with messages unsent",
		"The linger time was over before all accepted messages were sent. They are lost; Close has returned an *UnsentError.",
		"The peer was not there, or did not read.",
		"Raise WithLinger, or send what must not be lost again."},
	{NoAuthenticator, Warn, "bound with security, and no authenticator",
		"The endpoint asks the authenticator about each peer, and there is none in this context: everybody is refused until there is one.",
		"Nobody has called auth.New, or it was called with another Context.",
		"Start one with auth.New in the socket's Context, or let every key in with WithAllowAnyKey."},
	{AcceptFailed, Warn, "connections can't be accepted",
		"A peer has come, and the system gave no connection.",
		"The process has as many open files as it may have.",
		"Raise the limit (ulimit -n), or have fewer connections."},
	{MessagesLost, Warn, "messages were lost on their way to us",
		"A publisher, a multicast source or a damaged file has a gap: this side will never get what was in it.",
		"The network lost packets beyond repair, the publisher dropped at its high-water mark, or a disk was damaged.",
		"The error says which. Read faster, raise the marks, or lower WithMulticastRate."},
	{SwapFailed, Error, "swap failed",
		"The disk has refused what should wait on it.",
		"It is full, or can't be written.",
		"Make room; sends go on by themselves as soon as it works."},
	{Panicked, Error, "panicked, and was contained",
		"Something that a connection called has panicked. Only that connection has ended.",
		"A fault in a hook of the program's, or in zactor itself.",
		"The error has the value, the field stack where it was. Report it if it is not the program's."},
	{ConnectionEnded, Debug, "connection ended",
		"A connection that had been ready is over. A connecting socket connects again.",
		"The peer closed it, the network broke, or a heartbeat was missed.",
		"None, unless it happens again and again: the error says why."},
	{PeerUnwanted, Warn, "peer turned away",
		"A peer was not let in, though its handshake was in order.",
		"Its routing id is in use, the socket talks to one peer only (PAIR, CHANNEL), the filters do not let it in, or too many handshakes were under way.",
		"The error says which. Give each peer a routing id of its own, or use WithRouterHandover."},
	{TurnedAway, Warn, "turned away by the peer",
		"A peer has not let this socket in, though the handshake was in order. It is tried again, ever more rarely; what was accepted waits.",
		"Another socket has our routing id there, or the peer talks to one peer only (PAIR, CHANNEL) and has it.",
		"The error is what the peer says. Give each socket a routing id of its own, or end the other one."},
	{TopicRefused, Warn, "subscription not entered",
		"A subscription is over the publisher's bounds: its messages will not come. The connection stays.",
		"Its topic is longer than WithMaxTopic, or the subscriber has a million topics or 64 MiB of them.",
		"Subscribe to shorter or fewer prefixes, or raise WithMaxTopic at the publisher."},
	{DroppedFlood, Warn, "datagrams refused of a source that sends more than its share",
		"Over udp, pgm or epgm more has come than there was room for. Of the source that sends most only a part is heard, so that the others are: the line names the one that was refused last.",
		"It floods, by intent or not, or the program reads too slowly for all of them.",
		"Find out who it is; if it may send as much, make the reader faster, or raise WithRecvHWM and WithRecvBuffer. For pgm and epgm what is refused is asked for again."},

	{NodeRefused, Warn, "node refused by us",
		"A node of the ZRE network was found, or has come, that this one does not let in. Neither sees the other. It is told once a minute for each node.",
		"Its key is not among the trusted ones, it has a key and this one none (or the reverse), its UUID is another key's, or there are peers enough.",
		"The reason says which. If the node should get in: add its certificate to those that this node trusts."},
	{RefusedByNode, Warn, "refused by a node",
		"A node of the ZRE network does not let this one in. Neither sees the other. It is told once a minute for each node.",
		"It does not trust the key of this node.",
		"Add this node's certificate to those that the other one trusts."},
	{Contained, Error, "a task panicked, and was contained",
		"Something that a node, a store or an actor does by itself has panicked: one task of it. The task is over, the rest goes on.",
		"A fault in a hook of the program's (OnChange, WithPace, WithInterfaces, a Discoverer, a Format), or in zactor itself.",
		"The error says which task and with what, the field stack where. Report it if the fault is not the program's."},

	{ActorFailed, Warn, "actor failed",
		"A life of the actor has ended with an error, or panicked. Whether it is started again is the next line, at debug level.",
		"The error says it: the function returned it, or panicked with it.",
		"Mend what the error names; a *PanicError has the stack (Event.Err)."},
	{ActorNotReady, Warn, "actor not ready in time",
		"The actor was told to end, because its setup did not return, or its function did not call Ready, within the ready timeout.",
		"It waits for something that does not come.",
		"Let the setup be short and begin the rest with a message or Async, or raise WithReadyTimeout."},
	{ActorStuck, Error, "actor does not return",
		"The actor was told to end, and its function has not returned within the stop timeout. Its goroutine and its resources are still there.",
		"It waits without its context, or computes without looking at it.",
		"Pass the context to whatever waits, and look at it in long loops; or raise WithStopTimeout."},
	{ActorGaveUp, Error, "supervisor gives up",
		"A child failed more often than WithIntensity allows, or escalated. All children are stopped, and Run returns ErrGaveUp.",
		"The failure does not go away by a restart.",
		"The error of the child says what failed. A supervisor above this one starts it again."},
	{ActorDeadLetter, Warn, "message lost with a failed life",
		"The message was in hand when its actor failed. It is not delivered again; who asked has got the cause.",
		"The handler failed because of this message, or beside it.",
		"The field says its type. Send what must not be lost again, or ask instead of telling."},
	{ActorSlow, Warn, "slow message",
		"The actor works on one message for longer than WithSlow says; what is behind it waits.",
		"The handler waits for something, or the work is large.",
		"Let Async do it, or a Pool."},
	{ActorMissed, Warn, "events of actors missed",
		"More happened than the log could take: some events are not in it.",
		"The logger is slow, or many actors fail at once.",
		"Stats and package observe have the totals."},
	{ActorUnsent, Warn, "closed with messages undelivered",
		"The actor has ended with messages in its mailbox. They are lost; who asked has got the cause, and Close returns an *UnsentError.",
		"It was told to end while it was behind, or it has failed for good.",
		"Use Shutdown, which works off the mailbox first; the error says what it had failed with."},
	{RemoteSilent, Warn, "node does not answer",
		"A node was asked, and has said nothing, also not to a ping. Actors of other nodes are preferred until it is heard again.",
		"Its process is stopped or overloaded, or the network is broken.",
		"Look at that node. What it was asked ends with the asker's context, or when zyre gives it up."},
	{RemoteDenied, Warn, "node may not use an actor",
		"A node sent a message to a published actor, and WithAllow or WithAllowKeys does not let it.",
		"Its name or key is not among those that are allowed, or WithAllow has panicked.",
		"Add it, if it should be."},
	{RemoteUnknown, Warn, "message of a type that the actor does not take",
		"A node sent what the protocol of the actor does not have, or what can't be decoded. It was not delivered; who asked is told.",
		"The programs have different versions of the protocol, or another codec; or frames were sent to an actor of values.",
		"The error names the type. Let both sides have one Protocol."},
	{RemoteBusy, Warn, "node is over its quota",
		"A node has as many messages waiting for an actor as WithQuota allows. More are refused; who asked gets ErrBusy.",
		"The actor is slower than the node sends, or does not receive.",
		"Publish more actors of the name, look at what the actor does, or raise WithQuota."},
	{RemoteUnsent, Warn, "closed with messages of other nodes undelivered",
		"The space has ended with messages that other nodes had sent to its actors. They are lost; Close has returned an *UnsentError.",
		"Its actors were behind when it was closed.",
		"The error says how many, whose and for which actor. Withdraw the actors, let them work off their mailboxes, and close then."},
}
