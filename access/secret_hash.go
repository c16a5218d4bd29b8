package access

import (
	"crypto/sha256"
	"encoding/hex"
)

// secretHash is the SHA-256 of a secret. Its hex form is the _id of a session or token.
type secretHash [sha256.Size]byte

// maxSecret bounds the texts that are hashed. Secrets are shorter.
const maxSecret = 256

// sumSecret hashes a secret without allocating. ok is false for a text that cannot be a secret.
func sumSecret(secret string) (hash secretHash, ok bool) {
	var text [maxSecret]byte
	if secret == "" || len(secret) > len(text) {
		return hash, false
	}
	return sha256.Sum256(text[:copy(text[:], secret)]), true
}

// parseSecretHash reads the hex form.
func parseSecretHash(text string) (hash secretHash, ok bool) {
	if len(text) != hex.EncodedLen(len(hash)) {
		return hash, false
	}
	_, err := hex.Decode(hash[:], []byte(text))
	return hash, err == nil
}

func (h secretHash) String() string { return hex.EncodeToString(h[:]) }
