package access

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"hash/crc32"
)

const (
	secretBytes    = 32
	tokenStart     = "gv_"
	checksumLength = 6 // 62^6 is more than 2^32
	prefixLength   = 8 // of a token's text, which is shown
	digits         = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

// newSecret makes the secret of a session or a link: 43 characters that need no escape in a cookie or an address.
func newSecret() string {
	secret := make([]byte, secretBytes)
	_, _ = rand.Read(secret) // it never fails: see its documentation
	return base64.RawURLEncoding.EncodeToString(secret)
}

// newShownID makes the id of a session, a token or an invitation that is no secret.
func newShownID() string {
	id := make([]byte, 12)
	_, _ = rand.Read(id)
	return hex.EncodeToString(id)
}

// hashSecret is what is stored of a secret, and by what it is found: hex SHA-256. A secret has 256 random bits, so nobody
// finds it by trying, and a slow hash would protect nothing.
func hashSecret(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// newTokenText makes the text of a token. The beginning and the checksum are for programs that look for secrets in public
// places: they recognize a token without asking anybody.
func newTokenText() string {
	text := tokenStart + newSecret()
	return text + checksum(text)
}

func checksum(text string) string {
	sum := crc32.ChecksumIEEE([]byte(text))
	var written [checksumLength]byte
	for i := checksumLength - 1; i >= 0; i-- {
		written[i] = digits[sum%62]
		sum /= 62
	}
	return string(written[:])
}
