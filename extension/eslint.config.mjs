import eslint from "@eslint/js";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["dist/", "out-test/", "bundled/", "test/stub-python/"] },
  eslint.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      "max-lines": ["error", 150],
      "max-lines-per-function": ["error", 60],
      complexity: ["error", 10],
      eqeqeq: "error",
    },
  },
  {
    files: ["test/**/*.ts"],
    rules: { "max-lines-per-function": "off" }, // a suite is one function
  },
  { files: ["**/*.mjs"], languageOptions: { globals: { process: "readonly" } } },
);
