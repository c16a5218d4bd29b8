package access

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// known makes and reads the cookie that marks a browser in which a user signed in before. Such a browser has a counter of
// tries and places in front of the hashes of its own, so that strangers cannot lock its owner out. It gives no other right. Its text is base64url of
// the user's id, the epoch and an HMAC of both. Whoever signs out everywhere, by the epoch, voids it too.
type known struct{ key *cookieKey }

// knownBrowser is what a cookie says.
type knownBrowser struct {
	user  bson.ObjectID
	epoch int64
}

const (
	knownPurpose = "known"
	knownBytes   = len(bson.ObjectID{}) + 8 // without the HMAC
)

// is reports whether the browser is one of u at present.
func (b *knownBrowser) is(u *User) bool {
	return b != nil && u != nil && b.user == u.ID && b.epoch == u.Epoch
}

// cookie is the value for a browser in which u signs in. It is empty if the key cannot be read, which is worth no failed sign-in.
func (k known) cookie(u *User) string {
	key, err := k.key.of(knownPurpose)
	if err != nil {
		return ""
	}
	said := binary.BigEndian.AppendUint64(bytes.Clone(u.ID[:]), uint64(u.Epoch)) //nolint:gosec // the bits count
	return base64.RawURLEncoding.EncodeToString(append(said, mac(key, said)...))
}

// read is nil for a value that we did not make.
func (k known) read(value string) *knownBrowser {
	decoded, err := base64.RawURLEncoding.DecodeString(value)
	if err != nil || len(decoded) != knownBytes+sha256.Size {
		return nil
	}
	key, err := k.key.of(knownPurpose)
	if err != nil {
		return nil
	}
	said := decoded[:knownBytes]
	if !hmac.Equal(mac(key, said), decoded[knownBytes:]) {
		return nil
	}
	b := &knownBrowser{epoch: int64(binary.BigEndian.Uint64(said[len(bson.ObjectID{}):]))} //nolint:gosec // the bits count
	copy(b.user[:], said)
	return b
}
