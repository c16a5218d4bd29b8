package webdriver

import (
	"fmt"
	"os"
	"path/filepath"
)

// writeFirefoxSettings writes the settings of a new profile: nothing is fetched that the page did not ask for.
func writeFirefoxSettings(o Options) error {
	settings := `user_pref("app.update.enabled", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("browser.startup.page", 0);
user_pref("browser.safebrowsing.malware.enabled", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("extensions.update.enabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("services.settings.server", "data:,");
user_pref("toolkit.telemetry.server", "data:,");
`
	if o.MinimumFont > 0 {
		settings += fmt.Sprintf("user_pref(\"font.minimum-size.x-western\", %d);\n", o.MinimumFont)
	}
	return os.WriteFile(filepath.Join(o.Dir, "user.js"), []byte(settings), 0o600)
}
