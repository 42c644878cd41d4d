/** The commands of package.json, by name. */
import { commands, Disposable, type LogOutputChannel, Uri, window, workspace } from "vscode";

import { askKnobs } from "./knobs";
import { Problem, showError } from "./problem";
import type { ReportOf, TargetAt } from "./protocol";
import type { ReportPanel } from "./report";
import { pickRevision } from "./revisions";
import type { Runs } from "./runs";
import type { Server } from "./server";
import type { TargetPicker } from "./targets";

type Command = (argument?: unknown) => Promise<unknown>;

/** Registers every command; what one throws is shown, not passed on. */
export function registerCommands(
  log: LogOutputChannel,
  server: Server,
  runs: Runs,
  targets: TargetPicker,
  report: ReportPanel,
): Disposable {
  const table: Record<string, Command> = {
    ...runCommands(runs, targets),
    showReport: (of = {}) => report.show(of as ReportOf), // the server wrote it, into a code lens
    clear: () => server.ask("clear", {}),
    openResult: () => openResult(server),
  };
  const register = ([name, run]: [string, Command]): Disposable =>
    commands.registerCommand(`magneton.${name}`, async (argument?: unknown) => {
      try {
        await run(argument);
      } catch (error) {
        void showError(error, log); // not awaited: the command is over
      }
    });
  return Disposable.from(...Object.entries(table).map(register));
}

function runCommands(runs: Runs, targets: TargetPicker): Record<string, Command> {
  const compareWith = async (a: TargetAt | undefined): Promise<void> => {
    const b = a && (await targets.pickOther(a));
    if (a !== undefined && b !== undefined) {
      await runs.compare(a.target, b, Uri.parse(a.uri));
    }
  };
  const compareWithRevision = async (a: TargetAt | undefined): Promise<void> => {
    const revision = a && (await pickRevision(Uri.parse(a.uri), a.target));
    if (a !== undefined && revision) {
      await runs.compare(a.target, `${a.target}@${revision}`, Uri.parse(a.uri));
    }
  };
  const measure = async (a: TargetAt | undefined): Promise<void> => {
    if (a !== undefined) {
      await runs.measure(a.target, Uri.parse(a.uri));
    }
  };
  const whatIf = async (a: TargetAt | undefined): Promise<void> => {
    const knobs = a && (await askKnobs(a.target));
    if (a !== undefined && knobs !== undefined) {
      await runs.whatIf(a.target, knobs, Uri.parse(a.uri));
    }
  };
  return {
    compare: async () => compareWith(await targets.pickHere("side A: the function to compare")),
    compareFrom: (a) => compareWith(a as TargetAt), // the server wrote it, into a code lens
    compareWithRevision: async () =>
      compareWithRevision(await targets.pickHere("the function to compare with a revision of it")),
    measure: async () => measure(await targets.pickHere("the function to measure")),
    measureFrom: (a) => measure(a as TargetAt),
    whatIf: async () => whatIf(await targets.pickHere("the function to try under other settings")),
    again: () => runs.again(),
    doctor: () => runs.doctor(currentScope()),
  };
}

/** What decides which folder's interpreter is meant. */
function currentScope(): Uri {
  const scope = window.activeTextEditor?.document.uri ?? workspace.workspaceFolders?.[0]?.uri;
  if (scope === undefined) {
    throw new Problem(
      "there is no interpreter to examine",
      "no folder is open",
      "Open the folder that holds the programs",
    );
  }
  return scope;
}

async function openResult(server: Server): Promise<void> {
  const chosen = await window.showOpenDialog({
    filters: { "Magneton result": ["json"] },
    openLabel: "Show Result",
  });
  if (chosen?.[0] === undefined) {
    return;
  }
  const { findings } = await server.ask("open", { path: chosen[0].fsPath });
  window.setStatusBarMessage(`Magneton: findings shown: ${findings.toString()}`, 10_000);
}
