package app

import "runtime/debug"

// version is the commit this was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" && len(setting.Value) > 12 {
			return setting.Value[:12]
		}
	}
	return info.Main.Version
}
