package main

import (
	"log/slog"

	"github.com/alecthomas/kong"

	"grapevine/app"
)

// defaults are the default values of the flags for which `dev` has other ones.
var defaults = kong.Vars{
	"mongo_uri":  app.DefaultMongoURI,
	"redis_url":  app.DefaultRedisURL,
	"log_format": "auto",
}

// settings are the settings of an instance. Each is a flag and an environment variable.
type settings struct {
	app.Config `embed:""`

	LogLevel  slog.Level `env:"LOG_LEVEL" default:"info" help:"debug, info, warn or error."`
	LogFormat string     `env:"LOG_FORMAT" default:"${log_format}" enum:"auto,text,json" help:"text, json, or auto: text on a terminal, json elsewhere."`
}
