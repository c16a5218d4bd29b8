package grapevine

import (
	"encoding/json"
	"errors"
	"time"
)

// Time is an instant as answers and frames show it: in UTC and to the millisecond, which is what MongoDB
// keeps, and always equally long, so that two of them compare as text as they do in time.
type Time struct{ time.Time }

// String is the text that JSON holds, such as 2026-11-23T03:16:04.120Z.
func (t Time) String() string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// MarshalJSON fails for a year that does not have four digits, which RFC 3339 cannot say.
func (t Time) MarshalJSON() ([]byte, error) {
	if year := t.UTC().Year(); year < 0 || year > 9999 {
		return nil, errors.New("a year outside of 0 to 9999")
	}
	return json.Marshal(t.String())
}
