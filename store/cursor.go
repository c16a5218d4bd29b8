package store

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

// plan is how the contacts of a page are found. A cursor names its plan, because each keeps another
// position; so the pages of one list are found in one way, whatever is written meanwhile.
type plan int32

const (
	walking   plan = iota // along the streams of the order
	gathering             // all that the best filter leaves, then sorted
	searching             // by the text index
)

// cursor is where the next page begins: after these positions, one for each stream. A nil one is at
// its start.
type cursor struct {
	plan      plan
	positions []position
}

const (
	maxCursor   = 16 << 10
	cursorCheck = 12 // bytes of the hash in front
)

// encode is opaque to clients. The hash in front binds the cursor to the workspace, filters and sort
// it came from and shows whether it was altered.
func (c cursor) encode(q grapevine.Query) (string, error) {
	positions := bson.A{}
	for _, p := range c.positions {
		if p == nil {
			positions = append(positions, nil)
		} else {
			positions = append(positions, []bson.RawValue(p))
		}
	}
	body, err := bson.Marshal(bson.D{{Key: "p", Value: int32(c.plan)}, {Key: "s", Value: positions}})
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(append(check(q, body), body...)), nil
}

func check(q grapevine.Query, body []byte) []byte {
	q.After, q.Limit, q.Expand = "", 0, false
	h := sha256.New()
	h.Write([]byte(q.Workspace + "\x00" + q.Key() + "\x00"))
	h.Write(body)
	return h.Sum(nil)[:cursorCheck]
}

// decodeCursor reads q.After, which must be of the very same list.
func decodeCursor(q grapevine.Query) (c cursor, err error) {
	if len(q.After) > maxCursor {
		return c, badCursor(errors.New("too long"))
	}
	data, err := base64.RawURLEncoding.Strict().DecodeString(q.After)
	if err != nil || len(data) < cursorCheck {
		return c, badCursor(err)
	}
	body := bson.Raw(data[cursorCheck:])
	if string(check(q, body)) != string(data[:cursorCheck]) {
		return c, badCursor(errors.New("its hash differs"))
	}
	if err := body.Validate(); err != nil {
		return c, badCursor(err)
	}
	p, ok1 := body.Lookup("p").Int32OK()
	list, ok2 := body.Lookup("s").ArrayOK()
	values, err := list.Values()
	if !ok1 || !ok2 || err != nil {
		return c, badCursor(err)
	}
	c.plan = plan(p)
	for _, v := range values {
		var at position
		if entries, ok := v.ArrayOK(); ok {
			if at, err = entries.Values(); err != nil {
				return c, badCursor(err)
			}
		}
		c.positions = append(c.positions, at)
	}
	return c, nil
}

// fits says whether the positions are ones of these streams.
func (c cursor) fits(lengths ...int) error {
	if len(c.positions) != len(lengths) {
		return badCursor(errors.New("other streams"))
	}
	for i, p := range c.positions {
		if p != nil && len(p) != lengths[i] {
			return badCursor(errors.New("other keys"))
		}
	}
	return nil
}

func badCursor(cause error) error {
	return &grapevine.Error{
		Code:    grapevine.BadRequest,
		Message: "after is not a cursor of this list: it belongs to the workspace, filters and sort it came from",
		Cause:   cause,
	}
}
