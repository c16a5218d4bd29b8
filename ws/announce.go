package ws

import (
	"context"
	"time"

	"grapevine/events"
	"grapevine/internal/retry"
)

const (
	announceInterval = 2 * time.Second        // between two complete announcements
	announcePause    = 100 * time.Millisecond // after an announcement of changes
	announceTimeout  = time.Second
)

// announcePresence notifies this instance's members and announces their number to the other instances, until
// ctx ends.
func (h *Hub) announcePresence(ctx context.Context) {
	trouble := retry.FailureLog{
		Logger: h.log, Failed: "cannot announce presence to the other instances, will retry",
		Recovered: "announcing presence to the other instances again",
	}
	announce := func(ctx context.Context, members map[string]int, complete bool) {
		ctx, cancel := context.WithTimeout(ctx, announceTimeout)
		defer cancel()
		err := h.signals.Announce(ctx, events.Presence{Instance: h.presence.self, Members: members, Complete: complete})
		if err == nil {
			trouble.Success()
		} else if ctx.Err() == nil || complete {
			trouble.Failure(err)
		}
	}
	ticker := time.NewTicker(announceInterval)
	defer ticker.Stop()
	announced := false // the other instances count members of this one
	for {
		select {
		case <-ctx.Done():
			if announced {
				announce(context.WithoutCancel(ctx), map[string]int{}, true)
			}
			return
		case <-ticker.C:
			h.presence.expire()
			members := h.presence.localMembers()
			if announced || len(members) > 0 {
				announce(ctx, members, true)
				announced = len(members) > 0
			}
		case <-h.presence.wakeup:
			rooms, members := h.presence.takeChanges()
			h.notifyMembers(rooms)
			if len(members) > 0 {
				announced = true
				announce(ctx, members, false)
			}
			_ = retry.Sleep(ctx, announcePause) // the loop sees the end of ctx
		}
	}
}

// notifyMembers sends the number of members to the sockets that asked for it and know another number.
func (h *Hub) notifyMembers(rooms map[string]struct{}) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	for room := range rooms {
		subs := h.rooms[room]
		if len(subs) == 0 {
			continue
		}
		n := h.presence.members(room)
		f := presenceFrame(room, n)
		for _, sub := range subs {
			if !sub.presence {
				continue
			}
			sub.socket.withLock(func() {
				if sub.members != n {
					sub.members = n
					sub.socket.enqueueLocked(f)
				}
			})
		}
	}
}
