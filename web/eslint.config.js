import js from "@eslint/js";
import globals from "globals";

export default [
  { ignores: ["static/assets/vendor/", "node_modules/"] },
  js.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "no-unused-vars": ["error", { ignoreRestSiblings: true }],
      "no-shadow": "error",
      "no-var": "error",
      "prefer-const": "error",
      eqeqeq: "error",
      "object-shorthand": "error",
      "no-param-reassign": "error",
      "no-implicit-globals": "error",
    },
  },
  { files: ["static/assets/js/**"], languageOptions: { globals: { ...globals.browser, uPlot: "readonly" } } },
  { files: ["test/**", "*.config.js"], languageOptions: { globals: globals.node } },
];
