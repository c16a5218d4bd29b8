// Package jobs turns changes of contacts into Asynq tasks with stable ids, runs them, and shows them.
//
// [Queue.Apply], an effect of the watcher, enqueues contact:welcome for every created contact and one
// workspace:digest per workspace and minute. A [Worker] runs the tasks. [Dashboard] and [QueueSizeReader] show them.
// After a gap, the [Backfiller] enqueues the welcomes that are missing.
//
// A task may be enqueued several times and run more than once, so nothing here relies on Asynq for "once". A
// task's id is made from the contact, so a replayed change meets the id of its own task. The contact's row in the
// ledger is claimed before a mail is sent, and marked done afterwards. One case remains: if a worker dies
// between the mail server's answer and the ledger's update, the mail is sent again, with the same id.
package jobs
