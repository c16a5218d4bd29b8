package watcher

import "testing"

func FuzzTokenTime(f *testing.F) {
	f.Add(futureToken)
	f.Fuzz(func(t *testing.T, data string) {
		if at, err := tokenTime(data); err == nil && at.N != 0 {
			t.Fatal("a token has no n")
		}
	})
}
