/** Runs in the extension host: the tests of a trusted or of an untrusted window. */
import Mocha from "mocha";
import { workspace } from "vscode";

import { coalescedTests } from "./coalesced";
import { commandTests } from "./commands";
import { interpreterTests } from "./interpreter";
import { jobTests } from "./jobs";
import { knobTests } from "./knobs";
import { reportTests } from "./report";
import { revisionTests } from "./revisions";
import { runTests } from "./runs";
import { untrustedTests } from "./untrusted";

const TRUSTED = [
  coalescedTests,
  commandTests,
  interpreterTests,
  jobTests,
  knobTests,
  reportTests,
  revisionTests,
  runTests,
];
const UNTRUSTED = [untrustedTests];

export async function run(): Promise<void> {
  const mocha = new Mocha({ timeout: 60_000 });
  mocha.suite.emit("pre-require", globalThis, "", mocha);
  for (const define of workspace.isTrusted ? TRUSTED : UNTRUSTED) {
    define();
  }
  const failures = await new Promise<number>((resolve) => mocha.run(resolve));
  if (failures > 0) {
    throw new Error(`${failures.toString()} tests failed`);
  }
}
