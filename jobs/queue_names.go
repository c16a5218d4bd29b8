package jobs

// Asynq keeps all queues of a Redis under one prefix, so their names hold the database. Two databases can
// then share a Redis.

// WelcomeQueue is the Asynq queue of a database's welcomes.
func WelcomeQueue(database string) string { return database }

// LowQueue is the Asynq queue of a database's digests and imports, which runs at a lower priority.
func LowQueue(database string) string { return database + "-low" }

// queueNames are the two queues of one database.
type queueNames struct{ welcome, low string }

func queuesOf(database string) queueNames {
	return queueNames{welcome: WelcomeQueue(database), low: LowQueue(database)}
}

func (n queueNames) list() []string { return []string{n.welcome, n.low} }

// queueFor is the queue of a task.
func (n queueNames) queueFor(t task) string {
	if t.kind == TypeWelcome {
		return n.welcome
	}
	return n.low
}
