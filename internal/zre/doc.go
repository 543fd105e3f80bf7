// Package zre reads and writes the messages of ZRE nodes: those of RFC 36, and
// the three that zyre 2.x added (ELECT, LEADER, GOODBYE). It is a codec and
// nothing else: frames in, values out, and back.
//
// A message is one frame; WHISPER and SHOUT carry their content in the frames
// behind it. The frame begins with AA A1, the message's id, the version 2, and a
// sequence number. Numbers are big-endian; a string is a length in one byte and
// its bytes, a long string has its length in four.
//
// https://rfc.zeromq.org/spec/36/
package zre
