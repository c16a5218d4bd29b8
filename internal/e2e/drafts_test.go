//go:build e2e

package e2e

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The first list takes three seconds. Whatever the person does meanwhile, the page is live as soon as a list is there.
func TestFirstListIsSlow(t *testing.T) {
	insertContacts(t, person("slow", "Ada", "Lovelace"))
	slowly := viewport{script: `{
		const fetchNow = fetch;
		let first = true;
		window.fetch = async (path, options) => {
			if (first && String(path).startsWith("/contacts?")) {
				first = false;
				await new Promise((resolve) => setTimeout(resolve, 3000));
			}
			return fetchNow(path, options);
		};
	}`}
	for name, act := range map[string]func(w *window){
		"search": func(w *window) { w.fill("search", "Ada") },
		"filter": func(w *window) {
			w.exec(`[...document.querySelectorAll(".segments label")].find((label) => label.textContent.trim() === "People").click()`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t, "/?workspace=slow", slowly)
			w.waitFor(`document.getElementById("search") && ui.state()`)
			act(w)
			w.waitForRow("Ada Lovelace")
			w.waitFor(`ui.state() === "live"`)
			name := "Alan " + name
			insertContacts(t, person("slow", "Ada", name))
			w.waitForRow("Ada " + name)
		})
	}
}

// While an input method composes text, Enter and Escape belong to it.
func TestKeysOfAnInputMethodAreIgnored(t *testing.T) {
	insertContacts(t, person("composition", "Ada", "Lovelace"))
	w := openLive(t, "/?workspace=composition", viewport{})
	compose := func(id, key string) {
		for _, mark := range []string{"isComposing: true", "keyCode: 229"} {
			w.exec(`document.getElementById(` + quote(id) + `).dispatchEvent(new KeyboardEvent("keydown", {key: ` + quote(key) + `, bubbles: true, cancelable: true, ` + mark + `}))`)
		}
	}
	before := eval[string](w, `location.search`)
	w.fill("search", "Ad")
	w.waitFor(`location.search !== ` + quote(before))
	before = eval[string](w, `location.search`)
	compose("search", "Enter")
	compose("search", "Escape")
	require.Equal(t, before, eval[string](w, `location.search`))
	require.Equal(t, "Ad", eval[string](w, `ui.value("search")`))

	editRow(w, "Ada Lovelace")
	w.waitFor(`document.getElementById("f-tags")`)
	w.fill("f-tags", "ma")
	compose("f-tags", "Enter")
	compose("f-tags", "Escape")
	require.Equal(t, "ma", eval[string](w, `ui.value("f-tags")`))
	require.Zero(t, eval[int](w, `document.querySelectorAll(".tagbox .chip").length`))
	w.fill("f-organizationId", "Ana")
	compose("f-organizationId", "Enter")
	compose("f-organizationId", "Escape")
	compose("f-lastName", "Escape")
	require.True(t, eval[bool](w, `Boolean(document.getElementById("panel"))`))
}

// The answer of a creation is lost and the person edits the contact before the next attempt.
func TestAnswerOfACreationIsLost(t *testing.T) {
	for name, lose := range map[string]string{
		"after it arrived":  `await fetchNow(path, options); throw new TypeError("the connection broke")`,
		"before it arrived": `throw new TypeError("the connection broke")`,
		"by a proxy":        `await fetchNow(path, options); return new Response("<h1>Bad gateway</h1>", {status: 502})`,
	} {
		t.Run(name, func(t *testing.T) {
			workspace := "lost-" + name[:2]
			w := openLive(t, "/?workspace="+workspace, viewport{script: `{
				const fetchNow = fetch;
				let first = true;
				window.fetch = async (path, options) => {
					if (first && options?.method === "POST" && path === "/contacts") {
						first = false;
						` + lose + `
					}
					return fetchNow(path, options);
				};
			}`})
			w.press("New contact")
			w.fill("f-firstName", "Ada")
			w.fill("f-lastName", "Lovelace")
			w.press("Create contact")
			w.waitFor(`ui.text(".panel .notice")`)
			w.fill("f-emails-0", "ada@example.com")
			w.press("Create contact")
			w.waitFor(`document.querySelector(".panel-foot").hidden && ui.shown("emails-0") === "ada@example.com"`)
			require.EqualValues(t, 1, countContacts(t, workspace))
			require.Equal(t, []string{"ada@example.com"}, values(findContact(t, workspace, "Lovelace")["emails"]))
		})
	}
}

func TestDraftIsSavedInItsWorkspace(t *testing.T) {
	insertContacts(t, person("draft-here", "Ada", "Lovelace"), person("draft-there", "Alan", "Turing"))
	for _, draft := range []string{"edited", "new"} {
		t.Run(draft, func(t *testing.T) {
			w := openLive(t, "/?workspace=draft-here", viewport{})
			if draft == "new" {
				w.press("New contact")
				w.fill("f-firstName", "Grace")
				w.fill("f-lastName", "Hopper")
			} else {
				editRow(w, "Ada Lovelace")
			}
			w.fill("f-notes", "typed here")
			w.exec(`document.querySelector("details.workspace input").value = "draft-there"`)
			w.exec(`document.querySelector("details.workspace form").requestSubmit()`)
			w.waitForRow("Alan Turing")
			w.press("Back to editing")
			w.waitFor(`ui.value("f-notes") === "typed here" && new URLSearchParams(location.search).get("workspace") === "draft-here"`)
			name := "Lovelace"
			if draft == "new" {
				name = "Hopper"
				w.press("Create contact")
			} else {
				w.press("Save")
			}
			w.waitFor(`document.querySelector(".panel-foot").hidden`)
			require.Equal(t, "typed here", findContact(t, "draft-here", name)["notes"])
			require.EqualValues(t, 1, countContacts(t, "draft-there"))
		})
	}
}
