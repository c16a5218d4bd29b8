package web

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCommentsAreNotSent(t *testing.T) {
	module := "// The file.\nlet b; // there\n  // here\nconst url = \"https://x\";\n/**\n * What it does * / **.\n */\nconst a = 1; /** @type {A} */\n  /** One line. */\nf(/** @type {B} */ (x));\n/** @type {C} */ (y).z(); /** end */\nconst s = \"/** text */\";\n"
	require.Equal(t, "\nlet b; // there\n\nconst url = \"https://x\";\n\n\n\nconst a = 1; /** @type {A} */\n\nf(/** @type {B} */ (x));\n/** @type {C} */ (y).z(); /** end */\nconst s = \"/** text */\";\n", string(withoutComments([]byte(module))))
}

func TestStylesAreOneFileInTheirOrder(t *testing.T) {
	html := "<head>\n    <link rel=\"stylesheet\" href=\"/assets/version/css/b.css\" />\n    <link rel=\"stylesheet\" href=\"/assets/version/vendor/x.css\" />\n    <link rel=\"stylesheet\" href=\"/assets/version/css/a.css\" />\n</head>"
	assets := map[string]asset{"assets/css/a.css": {plain: []byte("a{}")}, "assets/css/b.css": {plain: []byte("b{}")}}
	page, styles := joinStyles([]byte(html), "assets/css/page.css", assets)
	require.Equal(t, "b{}a{}", string(styles))
	require.Equal(t, "<head>\n    <link rel=\"stylesheet\" href=\"/assets/version/css/page.css\" />\n    <link rel=\"stylesheet\" href=\"/assets/version/vendor/x.css\" />\n</head>", string(page))
}
