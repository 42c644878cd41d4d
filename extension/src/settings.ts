/** Reads the settings; their names, scopes and defaults are in package.json. */
import { type Uri, workspace } from "vscode";

import type { RunOptions } from "./protocol";

export function runOptions(scope: Uri): RunOptions {
  const settings = workspace.getConfiguration("magneton", scope);
  return {
    threshold: required(settings.get<number>("threshold")),
    timeThreshold: required(settings.get<number>("timeThreshold")),
    smallestShare: required(settings.get<number>("smallestShare")),
    per: required(settings.get<string>("per")),
    timeBudget: required(settings.get<number>("timeBudget")),
    timeout: required(settings.get<number>("timeout")),
    device: required(settings.get<string>("device")),
    fix: required(settings.get<boolean>("tryFixes")),
  };
}

export function severities(): Record<string, string> {
  return required(workspace.getConfiguration("magneton").get<Record<string, string>>("severity"));
}

/** The interpreter that the setting `name` holds, if any. */
export function pythonSetting(name: "python" | "serverPython", scope?: Uri): string | undefined {
  const path = workspace.getConfiguration("magneton", scope).get<string | null>(name);
  return path === "" || path === null ? undefined : path;
}

// package.json gives every setting a default: a missing one is a mistake of ours.
function required<T>(value: T | undefined): T {
  if (value === undefined) {
    throw new Error("a setting that is read here is not declared in package.json");
  }
  return value;
}
