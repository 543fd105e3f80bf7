package zmq4

import (
	"syscall"

	"github.com/go-zactor/zactor/cert"
)

// NewCurveKeypair makes a key pair, in Z85.
func NewCurveKeypair() (z85_public_key, z85_secret_key string, err error) {
	c, err := cert.New()
	if err != nil {
		return "", "", err
	}
	secret := c.SecretKey().Expose()
	return c.Public(), Z85encode(string(secret[:])), nil
}

// AuthCurvePublic returns the public key that belongs to a secret one, both in Z85.
func AuthCurvePublic(z85SecretKey string) (z85PublicKey string, err error) {
	c, err := keys{secret: z85SecretKey}.own()
	if err != nil {
		return "", Errno(syscall.EINVAL)
	}
	return c.Public(), nil
}

// Z85encode returns data in Z85, five characters for four bytes. Where the length is no
// multiple of four it returns "".
func Z85encode(data string) string {
	text, err := cert.EncodeZ85([]byte(data))
	if err != nil {
		return ""
	}
	return text
}

// Z85decode undoes Z85encode. For what is no Z85 it returns "".
func Z85decode(s string) string {
	data, err := cert.DecodeZ85(s)
	if err != nil {
		return ""
	}
	return string(data)
}
