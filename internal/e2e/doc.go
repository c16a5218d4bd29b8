// Package e2e tests the pages in a real browser, with the real program and real servers: `make e2e`. All
// tests need the build tag e2e. Those of `make engines`, in three browser engines, also need the tag engines.
package e2e
