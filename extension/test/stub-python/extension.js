// Exports the part of the Python extension's API that Magneton uses, and `select` for the tests.
const { Uri } = require("vscode");

let selected;

exports.activate = () => ({
  select: (path) => {
    selected = path;
  },
  environments: {
    getActiveEnvironmentPath: () => ({ id: selected ?? "", path: selected ?? "" }),
    resolveEnvironment: ({ path }) =>
      Promise.resolve(path === "" ? undefined : { executable: { uri: Uri.file(path) } }),
  },
});
