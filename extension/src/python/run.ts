/** The interpreter of the compared programs. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Uri, workspace } from "vscode";

import { openSetting, Problem } from "../problem";
import { pythonSetting } from "../settings";
import { selectedInterpreter } from "./extension";

/** The Python extension's choice, else the setting, else the folder's `.venv`; else a Problem. */
export async function runPython(scope: Uri): Promise<string> {
  const folder = workspace.getWorkspaceFolder(scope)?.uri.fsPath;
  const python =
    (await selectedInterpreter(scope)) ?? configured(scope, folder) ?? environmentIn(folder);
  if (python === undefined) {
    throw new Problem(
      "there is no interpreter to run the programs with",
      "the Python extension selects none, magneton.python is not set, and the folder has no .venv",
      "Set magneton.python to the Python that has the programs' torch",
      [openSetting("magneton.python")],
    );
  }
  return python;
}

function configured(scope: Uri, folder: string | undefined): string | undefined {
  const path = pythonSetting("python", scope);
  return path === undefined ? undefined : resolve(folder ?? "/", path);
}

function environmentIn(folder: string | undefined): string | undefined {
  const path = folder === undefined ? undefined : join(folder, ".venv", "bin", "python");
  return path !== undefined && existsSync(path) ? path : undefined;
}
