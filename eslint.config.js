import js from "@eslint/js";
import globals from "globals";

export default [
  { ignores: ["**/.*/**", "data/**"] },
  js.configs.recommended,
  {
    files: ["static/js/**", "extension/**"],
    languageOptions: {
      globals: { ...globals.browser, ...globals.serviceworker, ...globals.webextensions },
    },
  },
  { files: ["tests/**"], languageOptions: { globals: { ...globals.browser, ...globals.node } } },
  { rules: { "no-unused-vars": ["error", { caughtErrors: "none", varsIgnorePattern: "^_$" }] } },
];
