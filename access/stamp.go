package access

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
)

// Stamp is a hash of what ends all sessions of a user when it changes: the password, set in whatever way, and the epoch.
// A session keeps the stamp of its sign-in, and with another one it is over. The stamp leads nobody to the password,
// because what it hashes is a slow hash with a salt.
func (u *User) Stamp() string {
	sum := sha256.Sum256([]byte(strconv.FormatInt(u.Epoch, 10) + "\x00" + u.Password))
	return hex.EncodeToString(sum[:])
}
