/** Wires the parts together. What is shown in the editor comes from the language server. */
import { type ExtensionContext, window, workspace } from "vscode";

import { registerCommands } from "./commands";
import { Jobs } from "./jobs";
import { showError } from "./problem";
import { ReportPanel } from "./report";
import { Runs } from "./runs";
import { Server } from "./server";
import { TargetPicker } from "./targets";

let running: Server | undefined; // VS Code gives deactivate() nothing

export async function activate(context: ExtensionContext): Promise<void> {
  const log = window.createOutputChannel("Magneton", { log: true });
  const jobs = new Jobs();
  const server = new Server(context, log, jobs);
  running = server;
  const runs = new Runs(server, jobs, log);
  const commands = registerCommands(log, server, runs, new TargetPicker(server), new ReportPanel(server));

  const restart = async (): Promise<void> => {
    try {
      await server.restart();
    } catch (error) {
      void showError(error, log); // not awaited: activation does not wait for a button
    }
  };
  const onChange = workspace.onDidChangeConfiguration(async (change) => {
    if (change.affectsConfiguration("magneton.serverPython")) {
      await restart();
    } else if (change.affectsConfiguration("magneton.severity")) {
      await server.configure(); // a restart would end a run
    }
  });
  const onTrust = workspace.onDidGrantWorkspaceTrust(restart);
  context.subscriptions.push(log, commands, onChange, onTrust);
  await restart();
}

export async function deactivate(): Promise<void> {
  await running?.stop();
}
