package jobs

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"grapevine"
)

// The types of task.
const (
	TypeWelcome = "contact:welcome"
	TypeDigest  = "workspace:digest"
	TypeImport  = "contacts:import"
)

const (
	welcomePrefix = "welcome:"
	digestPrefix  = "digest:"
	importPrefix  = "import:"
	// The time holds no colon, because a colon ends the workspace in an id.
	minuteLayout = "2006-01-02T15.04Z"
)

// task is one entry of a queue. Its id determines the other fields, so a task whose data Redis lost can be made
// again.
type task struct {
	kind    string // TypeWelcome, TypeDigest or TypeImport
	id      string
	payload []byte
	due     time.Time // zero means at once
}

// Payloads hold ids only. A job reads the contact when it runs, and people who may see a queue do not see an
// address.
type welcomePayload struct {
	Contact string `json:"contact"`
}

type digestPayload struct {
	Workspace string    `json:"workspace"`
	Minute    time.Time `json:"minute"` // its start, in MongoDB's time
}

// WelcomeTaskID is the id of a contact's welcome, and the idempotency key of its mail.
func WelcomeTaskID(contact string) string { return welcomePrefix + contact }

func welcomeTask(contact string) task {
	return task{
		kind: TypeWelcome, id: WelcomeTaskID(contact),
		payload: mustJSON(welcomePayload{Contact: contact}),
	}
}

// contact is the id of the contact of a welcome.
func (t task) contact() string { return strings.TrimPrefix(t.id, welcomePrefix) }

func taskIDs(tasks []task) []string {
	ids := make([]string, len(tasks))
	for i, t := range tasks {
		ids[i] = t.id
	}
	return ids
}

// digestSlack delays a digest until the last changes of its minute have probably arrived. It saves a retry; the
// watermark makes the count correct.
const digestSlack = time.Second

func digestTask(workspace string, minute time.Time) task {
	minute = minute.UTC()
	return task{
		kind: TypeDigest, id: digestPrefix + workspace + ":" + minute.Format(minuteLayout),
		payload: mustJSON(digestPayload{Workspace: workspace, Minute: minute}),
		due:     minute.Add(time.Minute + digestSlack),
	}
}

// parseTaskID returns the task that has this id; ok is false for a foreign id.
func parseTaskID(id string) (t task, ok bool) {
	if contact, found := strings.CutPrefix(id, welcomePrefix); found {
		return welcomeTask(contact), grapevine.ValidID(contact)
	}
	if rest, found := strings.CutPrefix(id, digestPrefix); found {
		workspace, text, _ := strings.Cut(rest, ":")
		minute, err := time.Parse(minuteLayout, text)
		return digestTask(workspace, minute), err == nil && grapevine.ValidWorkspace(workspace) && minute.Format(minuteLayout) == text
	}
	if rest, found := strings.CutPrefix(id, importPrefix); found {
		imported, text, _ := strings.Cut(rest, ":")
		run, err := strconv.Atoi(text)
		return importTask(imported, run), err == nil && grapevine.ValidID(imported) && strconv.Itoa(run) == text
	}
	return task{}, false
}

func decodeWelcome(payload []byte) (contact string, err error) {
	var p welcomePayload
	if err := json.Unmarshal(payload, &p); err != nil {
		return "", fmt.Errorf("decode the payload: %w", err)
	}
	if !grapevine.ValidID(p.Contact) {
		return "", fmt.Errorf("the payload names no contact")
	}
	return p.Contact, nil
}

func decodeDigest(payload []byte) (digestPayload, error) {
	var p digestPayload
	if err := json.Unmarshal(payload, &p); err != nil {
		return p, fmt.Errorf("decode the payload: %w", err)
	}
	if !grapevine.ValidWorkspace(p.Workspace) || p.Minute.IsZero() || !p.Minute.Equal(p.Minute.Truncate(time.Minute)) {
		return p, fmt.Errorf("the payload names no workspace and minute")
	}
	return p, nil
}

func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // structs of strings and times always encode; a year past 9999 cannot come from 32 bits
	}
	return b
}
