// Package frame reads and writes the messages of zgossip: one frame each, of the
// signature AA A0, the message's id, the version 1, and for a PUBLISH the key (its
// length in one byte), the value (its length in four) and a time to live in
// milliseconds, in four. Numbers are big-endian. It is a codec and nothing else.
//
// # The trailer
//
// Readers generated for czmq stop behind the last field that they know and do not
// look at what follows. There zactor puts what zgossip lacks, 12 bytes: "ZX", a
// version of 1, a byte of flags, and a number in eight. In a PUBLISH the number is
// the tuple's stamp, and flag 1 says that it is deleted; in all others it is the
// digest of the sender's table. Whatever else follows a message is passed over, so
// that there is room for the next version, too.
package frame
