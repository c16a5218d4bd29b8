// Package fault starts real servers and real instances, breaks them, and checks that the promises still
// hold: no acknowledged write is lost, nothing stays stale, no effect happens twice. All of it is tests
// behind the build tag fault; `make fault` runs them.
//
// There is one file per fault. A test starts a cluster (cluster_test.go) and puts it under load
// (load_test.go), with clients that keep a model of a workspace (client_test.go) and a mail server
// (mail_test.go). Then it causes the fault. At the end the pipeline has to drain within a time limit, and
// the oracle (oracle_test.go) compares everything with MongoDB.
package fault
