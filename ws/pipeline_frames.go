package ws

import "grapevine"

// PipelineRoom is the one room of /ws/pipeline.
const PipelineRoom = "pipeline"

// EventImport is the event of the frames about an import, in the room of its workspace.
const EventImport = "import"

// Events of the frames in the room "pipeline".
const (
	EventStats        = "stats"
	EventTrace        = "trace"
	EventJobCompleted = "job:completed"
	EventJobFailed    = "job:failed"
)

// StatsFrame has the figures of one instance. asyncapi.json describes each field; nil means unknown here.
type StatsFrame struct {
	Event           string              `json:"event"` // EventStats
	Room            string              `json:"room"`  // PipelineRoom
	Instance        string              `json:"instance"`
	At              grapevine.Time      `json:"at"`
	Roles           []string            `json:"roles"`
	Holder          bool                `json:"holder"`
	State           string              `json:"state"`
	Position        *grapevine.Position `json:"position"`
	LagMS           *int64              `json:"lagMs"`
	Rate            float64             `json:"rate"`
	Watermark       grapevine.Position  `json:"watermark"`
	WatermarkAgeMS  *int64              `json:"watermarkAgeMs"`
	Cache           CacheFigures        `json:"cache"`
	Queues          []QueueFigures      `json:"queues"`
	Sockets         int                 `json:"sockets"`
	Rooms           int                 `json:"rooms"`
	EventLog        *EventLogFigures    `json:"history"`
	OplogWindowLeft *float64            `json:"oplogWindowLeft"`
	Gaps            *int64              `json:"gaps"`
	DeadLetters     *int64              `json:"dead"`
	Problems        []Problem           `json:"problems"`
}

// Problem is something wrong with a collection or an index in MongoDB.
type Problem struct {
	Name    string `json:"name"` // of the index, or another noun
	State   string `json:"state"`
	Message string `json:"message"` // what to do
}

// CacheFigures counts what the cache did since the start of the instance.
type CacheFigures struct {
	Hits        uint64 `json:"hits"`
	Misses      uint64 `json:"misses"`
	Bypassed    uint64 `json:"bypassed"`
	Stored      uint64 `json:"stored"`
	Refused     uint64 `json:"refused"`
	Full        uint64 `json:"full"`
	TooLarge    uint64 `json:"tooLarge"`
	Failed      uint64 `json:"failed"`
	Invalidated uint64 `json:"forgotten"`
	Purges      uint64 `json:"purges"`
	Rollbacks   uint64 `json:"fellBack"`
}

// QueueFigures counts the tasks of a queue by state.
type QueueFigures struct {
	Queue     string `json:"queue"`
	Pending   int64  `json:"pending"`
	Active    int64  `json:"active"`
	Scheduled int64  `json:"scheduled"`
	Retry     int64  `json:"retry"`
	Archived  int64  `json:"archived"`
	Completed int64  `json:"completed"`
}

// EventLogFigures describes what the event log holds.
type EventLogFigures struct {
	Entries int64              `json:"entries"`
	Bytes   int64              `json:"bytes"`
	First   grapevine.Position `json:"first"`
	Last    grapevine.Position `json:"last"`
}

// TraceFrame is a change that passed the pipeline, with the time of each step in microseconds.
type TraceFrame struct {
	Event        string             `json:"event"` // EventTrace
	Room         string             `json:"room"`  // PipelineRoom
	Position     grapevine.Position `json:"position"`
	Op           grapevine.Op       `json:"op"`
	ID           string             `json:"id,omitempty"`
	Workspace    string             `json:"workspace,omitempty"`
	Name         string             `json:"name,omitempty"`
	Source       grapevine.Source   `json:"source,omitempty"`
	Changed      map[string][2]any  `json:"changed,omitempty"` // by field: before, after
	Reason       string             `json:"reason,omitempty"`
	Task         string             `json:"task,omitempty"`
	Committed    grapevine.Time     `json:"committed"`    // MongoDB's clock
	SeenUS       int64              `json:"seenUs"`       // since Committed: two clocks, so it may be a little off
	CacheUS      int64              `json:"cacheUs"`      // since seen
	JobsUS       int64              `json:"jobsUs"`       // since seen
	EventsUS     int64              `json:"eventsUs"`     // since seen
	CheckpointUS int64              `json:"checkpointUs"` // since seen
	Batch        int                `json:"batch"`
	SampledOut   int64              `json:"sampledOut,omitempty"` // changes without a frame since the last frame
}

// JobFrame is the result of one run of a job.
type JobFrame struct {
	Event    string         `json:"event"` // EventJobCompleted or EventJobFailed
	Room     string         `json:"room"`  // PipelineRoom
	Task     string         `json:"task"`
	ID       string         `json:"id,omitempty"` // of a contact
	Type     string         `json:"type"`
	Attempt  int            `json:"attempt"` // from 1
	Error    string         `json:"error,omitempty"`
	Archived *bool          `json:"archived,omitempty"` // of a failure: there is no further attempt
	At       grapevine.Time `json:"at"`
	Omitted  int            `json:"omitted,omitempty"` // results without a frame since the last frame
}
