package wsclient

import "encoding/json"

// Frame has every field of the frames that asyncapi.json documents. A field that a frame does not have
// is zero.
type Frame struct {
	Op        string          `json:"op"`
	Ref       string          `json:"ref"`
	Room      string          `json:"room"`
	Code      string          `json:"code"`
	Message   string          `json:"message"`
	Event     string          `json:"event"`
	Position  string          `json:"position"`
	At        string          `json:"at"`
	Reason    string          `json:"reason"`
	Source    string          `json:"source"`
	State     string          `json:"state"`
	Changed   []string        `json:"changed"`
	Contact   json.RawMessage `json:"contact"`
	Truncated bool            `json:"truncated"`
	Recovered *bool           `json:"recovered"` // nil unless the frame is the ack of a join
	Members   int             `json:"members"`
	N         int             `json:"n"`

	Text string `json:"-"` // the frame as it was received
}

// IsRecovered reports whether the frame acknowledges a join that continues at its `since`.
func (f Frame) IsRecovered() bool { return f.Recovered != nil && *f.Recovered }

// ContactFields are the fields of the contact in the frame. It is nil without a contact.
func (f Frame) ContactFields() (fields map[string]any) {
	_ = json.Unmarshal(f.Contact, &fields) // no fields then, which the caller's assertion reports
	return fields
}

// ContactID is the id of the contact in the frame, "" without a contact.
func (f Frame) ContactID() string {
	id, _ := f.ContactFields()["id"].(string)
	return id
}
