// Package jobs turns changes of contacts into Asynq tasks with stable ids, runs them, and shows them.
//
// The way of a job: [Queue.Apply] (the watcher's effect) enqueues contact:welcome for every created
// contact and one workspace:digest per workspace and minute; a [Worker] runs them; [Dashboard] and
// [Stats] show them.
//
// A task may be enqueued any number of times and run more than once, so nothing here relies on Asynq
// for "once". A task's id is made from the contact, so a replayed change meets the id of its own task;
// and before anything is sent the contact's row in the [Ledger] is claimed, and marked done after.
// What remains unknowable is a worker that dies after the mail server took the message and before the
// ledger knew: the message is then sent again, with the same [Mail].ID.
package jobs
