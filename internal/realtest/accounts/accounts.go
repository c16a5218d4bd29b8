// Package accounts writes users, sessions and tokens straight into MongoDB, as people do in mongosh. It knows the shapes of
// the documents and nothing else of the product.
package accounts

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"golang.org/x/crypto/argon2"
)

// Password is the password of every user that [Accounts] makes.
const Password = "correct horse battery staple"

// Accounts makes accounts in one database.
type Accounts struct {
	t  testing.TB
	db *mongo.Database
}

// In is where accounts are made. t fails if MongoDB refuses one.
func In(t testing.TB, db *mongo.Database) Accounts {
	t.Helper()
	return Accounts{t: t, db: db}
}

// User is a stored user.
type User struct {
	ID    bson.ObjectID
	Email string

	stamp string // of the sessions
}

// User makes a user with memberships such as "default:editor".
func (a Accounts) User(memberships ...string) User { return a.UserWith(nil, memberships...) }

// Admin makes an admin of the instance.
func (a Accounts) Admin() User { return a.UserWith(bson.M{"admin": true}) }

// UserWith makes a user with other fields than the usual ones.
func (a Accounts) UserWith(fields bson.M, memberships ...string) User {
	a.t.Helper()
	id := bson.NewObjectID()
	roles := bson.A{}
	for _, membership := range memberships {
		workspace, role, _ := strings.Cut(membership, ":")
		roles = append(roles, bson.M{"workspace": workspace, "role": role})
	}
	user := bson.M{
		"_id": id, "email": id.Hex() + "@example.test", "name": "Person " + id.Hex()[16:], "password": hashed(), "epoch": int64(0),
		"admin": false, "memberships": roles, "disabled": false, "createdAt": time.Now(),
	}
	maps.Copy(user, fields)
	a.insert("users", user)
	email, _ := user["email"].(string)
	password, _ := user["password"].(string)
	return User{ID: id, Email: email, stamp: hash(fmt.Sprintf("%d\x00%s", user["epoch"], password))}
}

// Session signs a user in and returns the value of the cookie.
func (a Accounts) Session(u User) string {
	a.t.Helper()
	secret, now := random(), time.Now()
	a.insert("sessions", bson.M{
		"_id": hash(secret), "id": rand.Text(), "user": u.ID, "stamp": u.stamp, "createdAt": now, "seenAt": now,
		"expiresAt": now.Add(12 * time.Hour), "address": "127.0.0.1", "browser": "test",
	})
	return secret
}

// Token makes a token of a user and returns its text. The zero User makes a service token.
func (a Accounts) Token(u User, workspace, role string) string {
	a.t.Helper()
	text := "gv_" + random()
	text += checksum(text)
	token := bson.M{"_id": hash(text), "id": rand.Text(), "prefix": text[:8], "name": "test", "user": nil, "role": role, "createdAt": time.Now()}
	if !u.ID.IsZero() {
		token["user"] = u.ID
	}
	if workspace != "" {
		token["workspace"] = workspace
	}
	a.insert("tokens", token)
	return text
}

// Bearer is the header that carries a token.
func Bearer(token string) (name, value string) { return "Authorization", "Bearer " + token }

// Hash is the _id of a session or token by its secret.
func Hash(secret string) string { return hash(secret) }

// Set changes fields of a user, as updateOne with $set does.
func (a Accounts) Set(u User, fields bson.M) {
	a.t.Helper()
	result, err := a.db.Collection("users").UpdateByID(context.WithoutCancel(a.t.Context()), u.ID, bson.M{"$set": fields})
	require.NoError(a.t, err)
	require.EqualValues(a.t, 1, result.MatchedCount)
}

// SetRole changes the role of a user in a workspace where he has one.
func (a Accounts) SetRole(u User, workspace, role string) {
	a.t.Helper()
	result, err := a.db.Collection("users").UpdateOne(context.WithoutCancel(a.t.Context()),
		bson.M{"_id": u.ID, "memberships.workspace": workspace}, bson.M{"$set": bson.M{"memberships.$.role": role}})
	require.NoError(a.t, err)
	require.EqualValues(a.t, 1, result.MatchedCount)
}

// Leave takes a user out of a workspace.
func (a Accounts) Leave(u User, workspace string) {
	a.t.Helper()
	_, err := a.db.Collection("users").UpdateByID(context.WithoutCancel(a.t.Context()), u.ID,
		bson.M{"$pull": bson.M{"memberships": bson.M{"workspace": workspace}}})
	require.NoError(a.t, err)
}

func (a Accounts) insert(collection string, document bson.M) {
	a.t.Helper()
	_, err := a.db.Collection(collection).InsertOne(context.WithoutCancel(a.t.Context()), document)
	require.NoError(a.t, err)
}

func random() string {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret)
	return base64.RawURLEncoding.EncodeToString(secret)
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// checksum is the CRC32 of a text in six digits of base 62.
func checksum(text string) string {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	written, sum := make([]byte, 6), crc32.ChecksumIEEE([]byte(text))
	for i := 5; i >= 0; i-- {
		written[i] = digits[sum%62]
		sum /= 62
	}
	return string(written)
}

// hashed is a hash of [Password] that is cheap to check.
var hashed = sync.OnceValue(func() string {
	salt, code := make([]byte, 16), base64.RawStdEncoding
	_, _ = rand.Read(salt)
	key := argon2.IDKey([]byte(Password), salt, 1, 1<<10, 1, 32)
	return fmt.Sprintf("$argon2id$v=%d$m=1024,t=1,p=1$%s$%s", argon2.Version, code.EncodeToString(salt), code.EncodeToString(key))
})
