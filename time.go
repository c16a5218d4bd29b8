package grapevine

import (
	"encoding/json"
	"errors"
	"time"
)

// Time is an instant as answers and frames show it: in UTC, with milliseconds, which is what MongoDB keeps. The
// text always has the same length, so texts sort like times.
type Time struct{ time.Time }

// String is the text in JSON, such as 2026-11-23T03:16:04.120Z.
func (t Time) String() string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// MarshalJSON fails for a year outside of 0 to 9999, which RFC 3339 cannot express.
func (t Time) MarshalJSON() ([]byte, error) {
	if year := t.UTC().Year(); year < 0 || year > 9999 {
		return nil, errors.New("the year is not between 0 and 9999")
	}
	return json.Marshal(t.String())
}
