// Package sock has the commands that are one socket each: zactor pub, zactor pull.
package sock
