/** The interpreter of the language server: never one that a workspace names. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { openSetting, Problem } from "../problem";
import { pythonSetting } from "../settings";

/** Minor versions of Python 3 that the bundled native libraries exist for. */
export const OLDEST = 11;
export const NEWEST = 14;
const ANSWER_MS = 20_000;
const PRINT_VERSION = "import sys; print('%d.%d' % sys.version_info[:2])";

/** The setting `magneton.serverPython`, else `python3` on PATH; throws a Problem if unfit. */
export async function serverPython(): Promise<string> {
  const python = pythonSetting("serverPython") ?? "python3";
  const version = await askVersion(python);
  if (!isSupported(version)) {
    throw unfit(`the language server cannot run in ${python}`, `it is Python ${version}`);
  }
  return python;
}

export function isSupported(version: string): boolean {
  const [major, minor] = version.split(".").map(Number);
  return major === 3 && minor !== undefined && minor >= OLDEST && minor <= NEWEST;
}

async function askVersion(python: string): Promise<string> {
  const run = promisify(execFile);
  try {
    const { stdout } = await run(python, ["-I", "-c", PRINT_VERSION], { timeout: ANSWER_MS });
    return stdout.trim();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw unfit(`${python} could not be started`, why);
  }
}

function unfit(fact: string, cause: string): Problem {
  const remedy =
    `Set magneton.serverPython to a Python from 3.${OLDEST.toString()} to 3.${NEWEST.toString()}; ` +
    "it needs no packages";
  return new Problem(fact, cause, remedy, [openSetting("magneton.serverPython")]);
}
