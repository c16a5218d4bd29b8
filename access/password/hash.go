// Package password makes and checks passwords: the rules for a new one, argon2id hashes as PHC strings, and the bounded
// line of those who wait for a hash.
package password

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"strings"

	"golang.org/x/crypto/argon2"
)

// Params are the cost of one argon2id hash.
type Params struct {
	Memory  uint32 // KiB
	Time    uint32 // passes over the memory
	Threads uint8
}

// Standard is the cost of the hashes that we make.
var Standard = Params{Memory: 64 << 10, Time: 3, Threads: 1}

// Bounds of a stored hash. Somebody may store one of another program; one that costs more than these would let a single
// sign-in take the memory or the processor of the instance.
const (
	maxMemory = 256 << 10 // KiB
	maxWork   = 8 * 3 * 64 << 10
	minKey    = 16
	maxKey    = 64
	minSalt   = 8
	maxSalt   = 64
)

const (
	saltBytes = 16
	keyBytes  = 32
)

// errFormat says what a stored password has to be. It names no part of the value.
var errFormat = errors.New("the stored password is not an argon2id hash as a PHC string ($argon2id$v=19$m=…,t=…,p=…$salt$hash) within the bounds of m, t and p; set it anew by a reset link")

// hash is a PHC string that was read.
type hash struct {
	Params
	salt, key []byte
}

func (h hash) String() string {
	code := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.Memory, h.Time, h.Threads,
		code.EncodeToString(h.salt), code.EncodeToString(h.key))
}

// parse reads a PHC string.
func parse(text string) (h hash, err error) {
	parts := strings.Split(text, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return h, errFormat
	}
	if _, err = fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &h.Memory, &h.Time, &h.Threads); err != nil {
		return h, errFormat
	}
	if parts[3] != fmt.Sprintf("m=%d,t=%d,p=%d", h.Memory, h.Time, h.Threads) || !h.bounded() {
		return h, errFormat
	}
	code := base64.RawStdEncoding.Strict()
	if h.salt, err = code.DecodeString(parts[4]); err != nil || len(h.salt) < minSalt || len(h.salt) > maxSalt {
		return h, errFormat
	}
	if h.key, err = code.DecodeString(parts[5]); err != nil || len(h.key) < minKey || len(h.key) > maxKey {
		return h, errFormat
	}
	return h, nil
}

// IsHash reports whether a stored text is a hash that [Hasher.Verify] looks at. With any other one nobody signs in.
func IsHash(phc string) bool {
	_, err := parse(phc)
	return err == nil
}

func (p Params) bounded() bool {
	return p.Threads >= 1 && p.Time >= 1 && p.Memory >= 8*uint32(p.Threads) && p.Memory <= maxMemory &&
		uint64(p.Memory)*uint64(p.Time) <= maxWork
}

// make hashes a password with a new salt.
func (p Params) make(password string) string {
	h := hash{Params: p, salt: make([]byte, saltBytes)}
	_, _ = rand.Read(h.salt) // never fails
	h.key = p.derive(password, h.salt, keyBytes)
	return h.String()
}

// dummy is a hash of no password.
func (p Params) dummy() hash {
	h := hash{Params: p, salt: make([]byte, saltBytes), key: make([]byte, keyBytes)}
	_, _ = rand.Read(h.salt)
	_, _ = rand.Read(h.key)
	return h
}

// matches reports whether h is the hash of a password.
func (h hash) matches(password string) bool {
	key := h.derive(password, h.salt, uint32(len(h.key))) //nolint:gosec // at most maxKey
	return subtle.ConstantTimeCompare(key, h.key) == 1
}

// derive computes the hash, and then has its memory collected. The collector alone would let three or four times as much pile up
// under a stream of sign-ins, because it waits until the heap has doubled.
func (p Params) derive(password string, salt []byte, length uint32) []byte {
	key := argon2.IDKey([]byte(password), salt, p.Time, p.Memory, p.Threads, length)
	if p.Memory >= 1<<10 {
		runtime.GC()
	}
	return key
}
