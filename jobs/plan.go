package jobs

import (
	"time"

	"grapevine"
)

// plan is what a batch of changes asks for.
type plan struct {
	tasks  []task
	passed int // created contacts whose id is not an ObjectID: no task could find them again
	late   int // digests of minutes that ended before oldest
}

// planOf lists the tasks of a batch: a welcome per created contact, a digest per workspace and minute.
// The minute is that of the change's own position, so a replay names the same digests. Minutes that
// ended before oldest are left out: what they would count is no longer in the history, and their ids
// are no longer retained, so each replay would enqueue them again.
func planOf(changes []grapevine.Change, oldest time.Time) plan {
	type digest struct {
		workspace string
		minute    int64
	}
	var p plan
	var last digest
	seen := map[digest]bool{}
	count := func(workspace string, at grapevine.Position) {
		d := digest{workspace, int64(at.T()) / 60}
		if d == last || !grapevine.ValidWorkspace(workspace) {
			return
		}
		last = d
		if seen[d] {
			return
		}
		seen[d] = true
		minute := time.Unix(d.minute*60, 0).UTC()
		if minute.Add(time.Minute).Before(oldest) {
			p.late++
			return
		}
		p.tasks = append(p.tasks, digestTask(workspace, minute))
	}
	for i := range changes {
		c := &changes[i]
		switch c.Op {
		case grapevine.Created, grapevine.Updated, grapevine.Deleted:
		case grapevine.Heartbeat, grapevine.Resync:
			continue
		}
		if c.Op == grapevine.Created {
			if grapevine.ValidID(c.ID) {
				p.tasks = append(p.tasks, welcomeTask(c.ID))
			} else {
				p.passed++
			}
		}
		if c.Before != nil {
			count(c.Before.Workspace, c.Position)
		}
		if c.After != nil {
			count(c.After.Workspace, c.Position)
		}
	}
	return p
}
