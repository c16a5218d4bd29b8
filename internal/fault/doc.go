// Package fault starts real servers and real instances, breaks them, and looks at what became of the
// promise: nothing acknowledged is lost, nothing stays stale, no effect happens twice. All of it is
// tests behind the build tag fault; `make fault` runs them.
//
// One fault per file. A test takes a cluster (cluster_test.go), puts it under load (load_test.go) with
// clients that keep a model of a workspace (client_test.go) and a mail server (mail_test.go), brings
// the fault about, and then settles: the pipeline has to drain within a bound, and the oracle
// (oracle_test.go) compares everything with MongoDB.
package fault
