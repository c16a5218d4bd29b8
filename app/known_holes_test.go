package app

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestKnownHoles(t *testing.T) {
	for version, has := range map[string]bool{
		"4.4.29": true, "4.4.30": false, "5.0.31": true, "5.0.32": false, "6.0.5": true, "6.0.26": true, "6.0.27": false, "6.0.27-rc0": false,
		"6.1.0": true, "6.3.2": true, // series without a patch
		"7.0.27": true, "7.0.28": false, "7.0.28-alpha1": false, "8.0.16": true, "8.0.17": false, "8.1.9": true, "8.2.2": true, "8.2.3": false,
		"8.3.0": false, "9.0.0": false, "3.6.23": true, "": false, "unknown": false, "6": false,
	} {
		require.Equal(t, has, mongoHole(version) != "", version)
	}
	for version, has := range map[string]bool{
		"6.2.19": true, "6.2.20": false, "7.0.15": true, "7.2.10": true, "7.2.11": false, "7.4.5": true, "7.4.6": false,
		"8.0.3": true, "8.0.4": false, "8.2.1": true, "8.2.2": false, "8.2.3": false, "8.4.0": false, "9.0.0": false, "255.255.255": false, "": false,
	} {
		require.Equal(t, has, redisHole(version) != "", version)
	}
	require.Equal(t, "MongoDB 6.0.5 has a known security hole (CVE-2025-14847). Upgrade it; the hole is closed in 4.4.30, 5.0.32, 6.0.27, 7.0.28, 8.0.17, 8.2.3.", mongoHole("6.0.5"))
	require.Contains(t, redisHole("7.0.15"), "unless your distribution has closed it")
}
