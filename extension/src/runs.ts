/** Runs that the user starts: a notification with progress and cancel, then what came of it. */
import { commands, type LogOutputChannel, ProgressLocation, type Uri, window, workspace } from "vscode";

import type { Jobs } from "./jobs";
import { ask, Problem, showError } from "./problem";
import type { JobStarted, JobUpdate, RunOf } from "./protocol";
import { runPython } from "./python/run";
import type { Server } from "./server";
import { runOptions } from "./settings";

export class Runs {
  constructor(
    private readonly server: Pick<Server, "ask">,
    private readonly jobs: Jobs,
    private readonly log: LogOutputChannel,
  ) {}

  async compare(a: string, b: string, scope: Uri): Promise<void> {
    await this.follow(`Comparing ${a} with ${b}`, async () =>
      this.server.ask("compare", { ...(await runOf(a, scope)), b }),
    );
  }

  async measure(a: string, scope: Uri): Promise<void> {
    await this.follow(`Measuring ${a}`, async () => this.server.ask("measure", await runOf(a, scope)));
  }

  async whatIf(a: string, knobs: string[], scope: Uri): Promise<void> {
    await this.follow(`Trying ${a} under other settings`, async () =>
      this.server.ask("whatIf", { ...(await runOf(a, scope)), knobs }),
    );
  }

  async again(): Promise<void> {
    await this.follow("Comparing again", () => this.server.ask("again", {}));
  }

  async doctor(scope: Uri): Promise<void> {
    await this.follow("Examining the interpreter", async () =>
      this.server.ask("doctor", { python: await runPython(scope) }),
    );
  }

  private async follow(title: string, start: () => Promise<JobStarted>): Promise<void> {
    refuseUntrusted();
    await workspace.saveAll(false); // programs are run as they are on disk
    const last = await window.withProgress(
      { location: ProgressLocation.Notification, title: `Magneton: ${title}`, cancellable: true },
      async (progress, cancellation) => {
        const { job } = await start();
        const subscription = cancellation.onCancellationRequested(async () => {
          await this.server.ask("cancel", { job });
        });
        let shown = 0;
        try {
          return await this.jobs.finished(job, ({ message, fraction }) => {
            progress.report({ message, increment: (fraction - shown) * 100 });
            shown = fraction;
          });
        } finally {
          subscription.dispose();
        }
      },
    );
    // Not awaited: the command is done, whatever the user does with the message.
    void this.tell(last);
  }

  private async tell(last: JobUpdate): Promise<void> {
    last.log.forEach((line) => {
      this.log.info(line);
    });
    if (last.state === "failed") {
      await showError(new Error(last.message), this.log);
    } else if (last.state === "cancelled") {
      window.setStatusBarMessage("Magneton: the run was cancelled", 10_000);
    } else if (last.kind === "doctor") {
      this.log.info(last.message);
      this.log.show();
    } else {
      const showReport = () => commands.executeCommand("magneton.showReport");
      await ask("information", last.message, [{ title: "Show Report", run: showReport }]);
    }
  }
}

async function runOf(a: string, scope: Uri): Promise<RunOf> {
  return { a, uri: scope.toString(), python: await runPython(scope), options: runOptions(scope) };
}

function refuseUntrusted(): void {
  if (!workspace.isTrusted) {
    throw new Problem(
      "nothing is run in this workspace",
      "a run executes the workspace's code, and the workspace is not trusted",
      "Trust the workspace if you know where its code comes from",
      [
        {
          title: "Manage Workspace Trust",
          run: () => commands.executeCommand("workbench.trust.manage"),
        },
      ],
    );
  }
}
