package cert

import (
	"encoding/binary"
	"fmt"
)

// The digits of Z85, https://rfc.zeromq.org/spec/32/.
const z85Digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"

const notADigit = 0xFF

// z85Values is the value of each byte as a digit, or notADigit.
var z85Values = func() (values [256]byte) {
	for i := range values {
		values[i] = notADigit
	}
	for i := range len(z85Digits) {
		values[z85Digits[i]] = byte(i)
	}
	return values
}()

// EncodeZ85 writes bytes as printable text, five characters for four bytes.
//
// https://rfc.zeromq.org/spec/32/: "The binary frame SHALL have a length that is
// divisible by 4 with no remainder."
func EncodeZ85(data []byte) (string, error) {
	if len(data)%4 != 0 {
		return "", fmt.Errorf("%w: %d bytes: must be a multiple of 4", ErrZ85, len(data))
	}
	text := make([]byte, 0, len(data)/4*5)
	for ; len(data) > 0; data = data[4:] {
		text = appendGroup(text, binary.BigEndian.Uint32(data))
	}
	return string(text), nil
}

func appendGroup(text []byte, value uint32) []byte {
	var digits [5]byte
	for i := 4; i >= 0; i-- {
		digits[i] = z85Digits[value%85]
		value /= 85
	}
	return append(text, digits[:]...)
}

// DecodeZ85 is the inverse of EncodeZ85, and takes nothing that EncodeZ85 would
// not have written: five characters can be more than four bytes hold.
//
// https://rfc.zeromq.org/spec/32/: "The string frame SHALL have a length that is
// divisible by 5 with no remainder."
func DecodeZ85(text string) ([]byte, error) {
	if len(text)%5 != 0 {
		return nil, fmt.Errorf("%w: %d characters: must be a multiple of 5", ErrZ85, len(text))
	}
	data := make([]byte, 0, len(text)/5*4)
	for at := 0; at < len(text); at += 5 {
		value, err := decodeGroup(text[at : at+5])
		if err != nil {
			return nil, fmt.Errorf("%w at offset %d", err, at)
		}
		data = binary.BigEndian.AppendUint32(data, value)
	}
	return data, nil
}

// decodeGroup says what is wrong without showing the text: it may be a secret.
func decodeGroup(group string) (uint32, error) {
	var value uint64
	for i := range len(group) {
		digit := z85Values[group[i]]
		if digit == notADigit {
			return 0, fmt.Errorf("%w: not a digit of Z85", ErrZ85)
		}
		value = value*85 + uint64(digit)
	}
	if value > 1<<32-1 {
		return 0, fmt.Errorf("%w: group above 2^32-1", ErrZ85)
	}
	return uint32(value), nil
}
