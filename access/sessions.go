package access

import (
	"context"
	"net/netip"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
)

// maxSessions is how many sessions a user may have. Beyond it the oldest end.
const maxSessions = 50

// sessionLength is how long a session lasts. Decision 0034 has the reasons.
type sessionLength struct{ idle, absolute time.Duration }

var (
	lengthOfUsers  = sessionLength{14 * 24 * time.Hour, 90 * 24 * time.Hour}
	lengthOfAdmins = sessionLength{12 * time.Hour, 7 * 24 * time.Hour} // of the instance
)

func lengthOf(u *User) sessionLength {
	if u.Admin {
		return lengthOfAdmins
	}
	return lengthOfUsers
}

// SignedIn is what a sign-in gives the browser.
type SignedIn struct {
	Secret    string    // value of the cookie; empty: the session goes on with the one it has
	Known     string    // value of the cookie that marks a known browser; empty: it stays as it is
	ExpiresAt time.Time // the latest end of the session, for the cookie: use moves the idle end, and the cookie stays as it is
	Principal *grapevine.Principal
}

// now is MongoDB's time. Before its first reply it is this machine's.
func (a *Access) now() time.Time {
	if now, ok := a.cfg.Clock.Now(); ok {
		return now.Truncate(time.Millisecond)
	}
	return time.Now().UTC().Truncate(time.Millisecond)
}

// newSession signs a user in, and ends the oldest of too many sessions. It may be part of a transaction, and its errors of
// MongoDB are as they are. It is Unauthorized for a user who is disabled.
func (a *Access) newSession(ctx context.Context, u *User, address netip.Addr, browser string) (SignedIn, error) {
	secret, now := newSecret(), a.now()
	s := Session{
		Hash: hashSecret(secret), ID: newShownID(), User: u.ID, Stamp: u.Stamp(), CreatedAt: now, SeenAt: now,
		Address: addressText(address), Browser: shortened(browser, maxBrowser),
	}
	s.ExpiresAt = now.Add(lengthOf(u).idle)
	r := rightOfSession(&s, u, now)
	if r == nil {
		return SignedIn{}, refuse(grapevine.Unauthorized, "This account is disabled.")
	}
	if _, err := a.sessions.InsertOne(ctx, s); err != nil {
		return SignedIn{}, err
	}
	if err := a.endOldest(ctx, &s); err != nil {
		return SignedIn{}, err
	}
	return SignedIn{Secret: secret, Known: a.known.cookie(u), ExpiresAt: r.latest, Principal: r.principal}, nil
}

// endOldest ends the oldest sessions of a user beyond maxSessions, never the new one: clocks of instances differ.
func (a *Access) endOldest(ctx context.Context, added *Session) error {
	others := bson.D{{Key: "user", Value: added.User}, {Key: "_id", Value: bson.D{{Key: "$ne", Value: added.Hash}}}}
	cursor, err := a.sessions.Find(ctx, others, options.Find().SetSort(bson.D{{Key: "createdAt", Value: -1}, {Key: "_id", Value: 1}}).
		SetSkip(maxSessions-1).SetProjection(bson.D{{Key: "_id", Value: 1}}))
	if err != nil {
		return err
	}
	var oldest []struct {
		Hash string `bson:"_id"`
	}
	if err := cursor.All(ctx, &oldest); err != nil || len(oldest) == 0 {
		return err
	}
	hashes := bson.A{}
	for _, s := range oldest {
		hashes = append(hashes, s.Hash)
	}
	_, err = a.sessions.DeleteMany(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: hashes}}}})
	return err
}

func addressText(address netip.Addr) string {
	if !address.IsValid() {
		return ""
	}
	return address.Unmap().WithZone("").String()
}

// shortened is a text of a header as it may be stored: valid UTF-8 of at most so many characters.
func shortened(text string, most int) string {
	runes := []rune(strings.ToValidUTF8(text, "\uFFFD"))
	return string(runes[:min(len(runes), most)])
}
