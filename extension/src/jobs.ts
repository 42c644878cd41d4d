/** Follows the server's jobs by their notifications. */
import { Disposable, EventEmitter } from "vscode";

import { Problem } from "./problem";
import type { JobUpdate } from "./protocol";

export class Jobs {
  private readonly updates = new EventEmitter<JobUpdate>();
  private readonly losses = new EventEmitter<Problem>();
  // A job's first notification may overtake the answer that tells its id.
  private readonly latest = new Map<string, JobUpdate>();

  receive(update: JobUpdate): void {
    this.latest.set(update.job, update);
    this.updates.fire(update);
  }

  /** The server is gone, and its jobs with it. */
  abandon(): void {
    this.latest.clear();
    this.losses.fire(
      new Problem(
        "the run was lost",
        "the language server stopped while it was going on",
        "Start the run again; the log says why the server stopped",
      ),
    );
  }

  /** The job's last notification; `onUpdate` sees each. Throws a Problem if the server stops. */
  finished(job: string, onUpdate: (update: JobUpdate) => void): Promise<JobUpdate> {
    return new Promise((resolve, reject) => {
      const look = (update: JobUpdate): void => {
        if (update.job !== job) {
          return;
        }
        onUpdate(update);
        if (isOver(update)) {
          subscriptions.dispose();
          this.latest.delete(job);
          resolve(update);
        }
      };
      const subscriptions = Disposable.from(
        this.updates.event(look),
        this.losses.event((problem) => {
          subscriptions.dispose();
          reject(problem);
        }),
      );
      const early = this.latest.get(job);
      if (early !== undefined) {
        look(early);
      }
    });
  }
}

function isOver({ state }: JobUpdate): boolean {
  return state === "done" || state === "failed" || state === "cancelled";
}
