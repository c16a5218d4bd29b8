package access

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"sync/atomic"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"grapevine"
)

const cookieKeyBytes = 32

// cookieKey is the key of the cookies that say something by themselves. All instances share it: it is a document of control,
// which the first one that needs it makes. It is held in memory from then on.
type cookieKey struct {
	control *mongo.Collection
	held    atomic.Pointer[[]byte] // nil: not read yet
}

// of is the key for one purpose.
func (k *cookieKey) of(purpose string) ([]byte, error) {
	if held := k.held.Load(); held != nil {
		return mac(*held, []byte(purpose)), nil
	}
	// It is no part of a transaction in which somebody needs it, and goes on when he goes.
	ctx := context.Background()
	var stored struct {
		Key []byte `bson:"key"`
	}
	err := call(ctx, "read the key of cookies", func(ctx context.Context) error {
		err := k.control.FindOne(ctx, byID(grapevine.ControlCookieKey)).Decode(&stored)
		if !isAbsent(err) {
			return err
		}
		made := make([]byte, cookieKeyBytes)
		_, _ = rand.Read(made) // never fails
		_, err = k.control.InsertOne(ctx, append(byID(grapevine.ControlCookieKey), bson.E{Key: "key", Value: made}))
		if err != nil && !isDuplicate(err) { // another instance was faster
			return err
		}
		return k.control.FindOne(ctx, byID(grapevine.ControlCookieKey)).Decode(&stored)
	})
	if err != nil {
		return nil, err
	}
	if len(stored.Key) < cookieKeyBytes {
		return nil, fmt.Errorf("the document %s of %s has no key of %d bytes; delete it", grapevine.ControlCookieKey, grapevine.CollectionControl, cookieKeyBytes)
	}
	k.held.Store(&stored.Key)
	return mac(stored.Key, []byte(purpose)), nil
}

func mac(key, said []byte) []byte {
	sum := hmac.New(sha256.New, key)
	_, _ = sum.Write(said)
	return sum.Sum(nil)
}

// CookieKey is a key of 32 bytes for cookies of one purpose, the same on all instances.
func (a *Access) CookieKey(purpose string) ([]byte, error) { return a.cookieKey.of(purpose) }
