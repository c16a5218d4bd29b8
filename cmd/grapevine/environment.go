package main

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/alecthomas/kong"

	"grapevine/internal/redact"
)

// fileSuffix makes the name of the variable that names a file with the value of a secret setting, as container
// platforms hand out secrets: MONGO_URI_FILE for MONGO_URI.
const fileSuffix = "_FILE"

// maxSecretFile bounds the file of a secret setting.
const maxSecretFile = 64 << 10

// secrets holds the values of the secret settings that were read from files.
type secrets map[string]string

// Resolve gives the value of a flag. kong asks for each flag that is not on the command line.
func (s secrets) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	for _, name := range flag.Envs {
		if value, ok := s[name]; ok {
			return value, nil
		}
	}
	return nil, nil
}

// Validate accepts every program.
func (s secrets) Validate(*kong.Application) error { return nil }

// cleanEnvironment prepares the environment for kong: values are trimmed, an empty one counts as not set, and the files
// of secret settings are read.
func cleanEnvironment(settings map[string]*kong.Flag) (secrets, error) {
	files := secrets{}
	for name, flag := range settings {
		value, err := clean(os.Getenv(name))
		switch {
		case err != nil:
			return nil, fmt.Errorf("%s: %w", name, err)
		case value == "":
			os.Unsetenv(name)
		default:
			os.Setenv(name, value)
		}
		file := strings.TrimSpace(os.Getenv(name + fileSuffix))
		if file == "" || !isSecret(flag) {
			continue
		}
		if value != "" {
			return nil, fmt.Errorf("%s: %s is set too; set only one of them", name+fileSuffix, name)
		}
		if files[name], err = readSecret(file); err != nil {
			return nil, fmt.Errorf("%s: %w", name+fileSuffix, err)
		}
	}
	return files, nil
}

// settingsOf maps the name of each environment variable to a flag that reads it.
func settingsOf(program *kong.Application) map[string]*kong.Flag {
	found := map[string]*kong.Flag{}
	_ = kong.Visit(program, func(node kong.Visitable, next kong.Next) error {
		if flag, ok := node.(*kong.Flag); ok {
			for _, name := range flag.Envs {
				found[name] = flag
			}
		}
		return next(nil)
	})
	return found
}

// isSecret reports whether the value of a flag may hold a secret.
func isSecret(flag *kong.Flag) bool { return flag.Target.Type() == reflect.TypeFor[redact.URI]() }

func readSecret(file string) (string, error) {
	about, err := os.Stat(file)
	if err != nil {
		return "", err
	}
	if about.Size() > maxSecretFile {
		return "", fmt.Errorf("%s is too large for the value of a setting", file)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	value, err := clean(string(text))
	if err == nil && value == "" {
		err = fmt.Errorf("%s is empty", file)
	}
	return value, err
}

// cleanArguments trims the values on the command line.
func cleanArguments(args []string) ([]string, error) {
	var cleaned []string
	for i, arg := range args {
		name, value, inline := strings.Cut(arg, "=")
		inline = inline && strings.HasPrefix(name, "--")
		switch {
		case inline:
		case i > 0 && strings.HasPrefix(args[i-1], "--"):
			name, value = args[i-1], arg
		default:
			name, value = "the command line", arg
		}
		value, err := clean(value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if inline {
			value = name + "=" + value
		}
		cleaned = append(cleaned, value)
	}
	return cleaned, nil
}

// clean removes what editors, shells and container platforms leave around a value: blanks, line ends, a byte order mark
// and one pair of quotes.
func clean(value string) (string, error) {
	if strings.ContainsRune(value, 0) {
		return "", fmt.Errorf("it holds a zero byte; save the file as UTF-8")
	}
	value = trim(value)
	for _, quote := range []string{`"`, `'`} {
		if len(value) > 1 && strings.HasPrefix(value, quote) && strings.HasSuffix(value, quote) {
			value = trim(value[1 : len(value)-1])
			break
		}
	}
	if !utf8.ValidString(value) {
		return "", fmt.Errorf("it is not text in UTF-8")
	}
	if strings.ContainsFunc(value, isInvisible) {
		return "", fmt.Errorf("it holds a line break, a tab or another character that cannot be seen; type it again")
	}
	return value, nil
}

func trim(value string) string {
	return strings.TrimFunc(value, func(r rune) bool { return unicode.IsSpace(r) || isInvisible(r) })
}

func isInvisible(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }
