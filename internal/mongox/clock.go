// Package mongox holds what every MongoDB client of the product and of its tests needs.
package mongox

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/event"
)

// ClusterTimeMonitor calls observe with the cluster time of every reply that carries one: t in seconds
// since 1970, i counting the operations within that second. It feeds a clock of MongoDB's time.
func ClusterTimeMonitor(observe func(t, i uint32)) *event.CommandMonitor {
	return &event.CommandMonitor{Succeeded: func(_ context.Context, e *event.CommandSucceededEvent) {
		cluster, ok := e.Reply.Lookup("$clusterTime").DocumentOK()
		if !ok {
			return
		}
		if t, i, ok := cluster.Lookup("clusterTime").TimestampOK(); ok {
			observe(t, i)
		}
	}}
}
