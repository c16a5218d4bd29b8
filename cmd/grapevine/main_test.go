package main

import (
	"testing"

	"grapevine/internal/realtest"
)

func TestMain(m *testing.M) { realtest.Main(m) }
