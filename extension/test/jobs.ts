import * as assert from "node:assert/strict";

import { Jobs } from "../src/jobs";
import type { JobUpdate } from "../src/protocol";

export function jobTests(): void {
  describe("jobs", () => {
    it("end with their own last notification", async () => {
      const jobs = new Jobs();
      const seen: string[] = [];
      const finished = jobs.finished("1", ({ message }) => seen.push(message));
      jobs.receive(update("1", "running", "half"));
      jobs.receive(update("2", "done", "another job"));
      jobs.receive(update("1", "done", "whole"));
      assert.equal((await finished).message, "whole");
      assert.deepEqual(seen, ["half", "whole"]);
    });

    it("are found when their last notification overtook the answer", async () => {
      const jobs = new Jobs();
      jobs.receive(update("1", "failed", "no such file"));
      const last = await jobs.finished("1", () => undefined);
      assert.equal(last.message, "no such file");
    });

    it("are given up when the server stops", async () => {
      const jobs = new Jobs();
      const finished = jobs.finished("1", () => undefined);
      jobs.abandon();
      await assert.rejects(finished, /the run was lost: the language server stopped/);
    });
  });
}

function update(job: string, state: JobUpdate["state"], message: string): JobUpdate {
  const rest = { phase: null, fraction: 0, verdict: null, log: [] };
  return { job, kind: "compare", state, message, ...rest };
}
