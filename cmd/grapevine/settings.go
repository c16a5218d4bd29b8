package main

import (
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"grapevine/app"
)

// defaults are the default values of the flags for which `dev` has other ones.
var defaults = kong.Vars{
	"mongo_uri":  app.DefaultMongoURI,
	"redis_url":  app.DefaultRedisURL,
	"log_format": "auto",
	"drain":      "5s",
}

// settings are the settings of an instance. Each is a flag and an environment variable.
type settings struct {
	app.Config `embed:""`

	LogLevel  slog.Level `env:"LOG_LEVEL" default:"info" help:"debug, info, warn or error."`
	LogFormat string     `env:"LOG_FORMAT" default:"${log_format}" enum:"auto,text,json" help:"text, json, or auto: text on a terminal, json elsewhere."`
}

var (
	durationType = reflect.TypeFor[time.Duration]()
	levelType    = reflect.TypeFor[slog.Level]()
)

// decodeDuration reads a duration. Its error says which units there are.
func decodeDuration(ctx *kong.DecodeContext, target reflect.Value) error {
	var text string
	if err := ctx.Scan.PopValueInto("duration", &text); err != nil {
		return err
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return fmt.Errorf("%q is not a duration: write a number with its unit, such as 500ms, 90s, 5m or 24h", text)
	}
	target.SetInt(int64(d))
	return nil
}

// decodeLevel reads a level of the log. Its error names the levels.
func decodeLevel(ctx *kong.DecodeContext, target reflect.Value) error {
	var text string
	if err := ctx.Scan.PopValueInto("level", &text); err != nil {
		return err
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(text)); err != nil {
		return fmt.Errorf("there is no level %q; the levels are debug, info, warn and error", text)
	}
	target.Set(reflect.ValueOf(level))
	return nil
}

// describe adds the names of a setting's variables to its help.
func describe(value *kong.Value) string {
	text := kong.DefaultHelpValueFormatter(value)
	if value.Flag == nil || !isSecret(value.Flag) {
		return text
	}
	variable := "$" + value.Flag.Envs[0]
	return strings.Replace(text, "("+variable+")", "("+variable+", or a file named by "+variable+fileSuffix+")", 1)
}
