// Package e2e tests the pages in a real browser against the real binary on real servers:
// `make e2e`. Without its build tag it holds nothing.
package e2e
