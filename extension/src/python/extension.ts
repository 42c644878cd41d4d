/** The part of the Python extension's API that is used here (its `environments`). */
import { extensions, type Uri } from "vscode";

interface EnvironmentPath {
  readonly id: string;
  readonly path: string;
}

export interface PythonExtension {
  readonly environments: {
    getActiveEnvironmentPath(resource?: Uri): EnvironmentPath;
    resolveEnvironment(
      environment: EnvironmentPath,
    ): Promise<{ readonly executable: { readonly uri: Uri | undefined } } | undefined>;
  };
}

/** The interpreter that the Python extension has selected for `scope`, if it is installed. */
export async function selectedInterpreter(scope: Uri): Promise<string | undefined> {
  const extension = extensions.getExtension<PythonExtension>("ms-python.python");
  if (extension === undefined) {
    return undefined;
  }
  const { environments } = await extension.activate();
  const active = environments.getActiveEnvironmentPath(scope);
  const resolved = await environments.resolveEnvironment(active);
  return resolved?.executable.uri?.fsPath;
}
