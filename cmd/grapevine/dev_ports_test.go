package main

import (
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOnKeptPort(t *testing.T) {
	dir := t.TempDir()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	first := taken.Addr().(*net.TCPAddr).Port
	require.NoError(t, taken.Close())

	var asked []int
	run := func() {
		_, err := onKeptPort("Redis", dir, first, func(port int) (string, int, error) {
			asked = append(asked, port)
			if port == 0 {
				port = 4321
			}
			return "server", port, nil
		})
		require.NoError(t, err)
	}
	run()
	require.Equal(t, []int{first}, asked, "the first run takes the first port")
	taken, err = net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(first))
	require.NoError(t, err)
	t.Cleanup(func() { _ = taken.Close() })
	run()
	require.Equal(t, []int{first, 0}, asked, "a taken port is left alone")
	run()
	require.Equal(t, []int{first, 0, 4321}, asked, "the new port is kept")

	require.NoError(t, os.WriteFile(filepath.Join(dir, "port"), []byte("no number"), 0o600))
	run()
	require.Equal(t, 0, asked[3], "a damaged file means a first run")
}
