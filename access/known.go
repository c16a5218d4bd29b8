package access

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"sync/atomic"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine"
)

// known makes and reads the cookie that marks a browser in which a user signed in before. Such a browser has a counter of
// tries and places in front of the hashes of its own, so that strangers cannot lock its owner out. It gives no other right. Its text is base64url of
// the user's id, the epoch and an HMAC of both. Whoever signs out everywhere, by the epoch, voids it too.
type known struct {
	control *mongo.Collection
	key     atomic.Pointer[[]byte] // nil: not read yet
}

// knownBrowser is what a cookie says.
type knownBrowser struct {
	user  bson.ObjectID
	epoch int64
}

const (
	knownKeyBytes = 32
	knownBytes    = len(bson.ObjectID{}) + 8 // without the HMAC
)

// is reports whether the browser is one of u at present.
func (b *knownBrowser) is(u *User) bool {
	return b != nil && u != nil && b.user == u.ID && b.epoch == u.Epoch
}

// cookie is the value for a browser in which u signs in. It is empty if the key cannot be read, which is worth no failed sign-in.
func (k *known) cookie(ctx context.Context, u *User) string {
	key, err := k.secret(ctx)
	if err != nil {
		return ""
	}
	said := binary.BigEndian.AppendUint64(bytes.Clone(u.ID[:]), uint64(u.Epoch)) //nolint:gosec // the bits count
	return base64.RawURLEncoding.EncodeToString(append(said, mac(key, said)...))
}

// read is nil for a value that we did not make.
func (k *known) read(ctx context.Context, value string) *knownBrowser {
	decoded, err := base64.RawURLEncoding.DecodeString(value)
	if err != nil || len(decoded) != knownBytes+sha256.Size {
		return nil
	}
	key, err := k.secret(ctx)
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

func mac(key, said []byte) []byte {
	sum := hmac.New(sha256.New, key)
	_, _ = sum.Write(said)
	return sum.Sum(nil)
}

// secret is the key, which all instances share: the first one that needs it makes it.
func (k *known) secret(ctx context.Context) ([]byte, error) {
	if key := k.key.Load(); key != nil {
		return *key, nil
	}
	var stored struct {
		Key []byte `bson:"key"`
	}
	err := call(ctx, "read the key of known browsers", func(ctx context.Context) error {
		err := k.control.FindOne(ctx, byID(grapevine.ControlKnown)).Decode(&stored)
		if !errors.Is(err, mongo.ErrNoDocuments) {
			return err
		}
		made := make([]byte, knownKeyBytes)
		_, _ = rand.Read(made) // never fails
		_, err = k.control.InsertOne(ctx, append(byID(grapevine.ControlKnown), bson.E{Key: "key", Value: made}))
		if err != nil && !isDuplicate(err) { // another instance was faster
			return err
		}
		return k.control.FindOne(ctx, byID(grapevine.ControlKnown)).Decode(&stored)
	})
	if err != nil {
		return nil, err
	}
	if len(stored.Key) < knownKeyBytes {
		return nil, fmt.Errorf("the document %s of %s has no key of %d bytes; delete it", grapevine.ControlKnown, grapevine.CollectionControl, knownKeyBytes)
	}
	k.key.Store(&stored.Key)
	return stored.Key, nil
}
