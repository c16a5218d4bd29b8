package grapevine

// Stat names a statistic. It is also the JSON name of its groups.
type Stat string

// The statistics.
const (
	PerCompany Stat = "company"
	PerTag     Stat = "tag"
	PerMonth   Stat = "month" // by createdAt in UTC, such as 2026-11
)

// StatCount is one group of a statistic.
type StatCount struct {
	Value string
	Count int64
}
