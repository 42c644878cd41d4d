import * as assert from "node:assert/strict";
import { ConfigurationTarget, type LogOutputChannel, Uri, workspace } from "vscode";

import { Jobs } from "../src/jobs";
import type { JobUpdate } from "../src/protocol";
import { Runs } from "../src/runs";
import type { Server } from "../src/server";

export function runTests(): void {
  describe("a run", () => {
    it("is asked for with the interpreter and the settings", async () => {
      const { runs, asked } = withServer({ state: "done" });
      await configure("/configured/python");
      await runs.compare("a.py:f", "b.py:g", Uri.file("/a.py")).finally(configure);
      const options = {
        threshold: 0.1,
        timeThreshold: 0.01,
        smallestShare: 0.01,
        per: "",
        timeBudget: 60,
        timeout: 300,
        device: "auto",
        fix: true,
      };
      const python = "/configured/python";
      const argument = { a: "a.py:f", uri: "file:///a.py", python, options, b: "b.py:g" };
      assert.deepEqual(asked, [["compare", argument]]);
    });

    it("under other settings is asked for with the function's own knobs", async () => {
      const { runs, asked } = withServer({ kind: "what-if", state: "done" });
      await configure("/configured/python");
      const knobs = ["batch_size=1,8", "mode=fast"];
      await runs.whatIf("a.py:f", knobs, Uri.file("/a.py")).finally(configure);
      const [name, argument] = asked[0] ?? assert.fail("nothing was asked");
      assert.equal(name, "whatIf");
      assert.deepEqual((argument as { knobs: string[] }).knobs, knobs);
    });

    it("that failed leaves its message and the program's last lines in the log", async () => {
      const { runs, logged } = withServer({
        state: "failed",
        message: "build raised OSError",
        log: ["loading", "no such weights"],
      });
      await runs.again();
      assert.deepEqual(logged, [
        "info: loading",
        "info: no such weights",
        "error: build raised OSError",
      ]);
    });

    it("of the doctor leaves its answer in the log", async () => {
      const { runs, logged } = withServer({ kind: "doctor", state: "done", message: "torch 2.13" });
      await runs.again();
      assert.deepEqual(logged, ["info: torch 2.13", "shown"]);
    });
  });
}

async function configure(python?: string): Promise<void> {
  const settings = workspace.getConfiguration("magneton");
  await settings.update("python", python, ConfigurationTarget.Workspace);
}

/** Runs whose server starts one job, which ends as `last` says. */
function withServer(last: Partial<JobUpdate>): {
  runs: Runs;
  asked: [string, unknown][];
  logged: string[];
} {
  const asked: [string, unknown][] = [];
  const logged: string[] = [];
  const jobs = new Jobs();
  const ask = (name: string, argument: unknown): Promise<{ job: string }> => {
    asked.push([name, argument]);
    jobs.receive({ ...FINISHED, ...last });
    return Promise.resolve({ job: FINISHED.job });
  };
  const log = {
    info: (line: string) => logged.push(`info: ${line}`),
    error: (line: string) => logged.push(`error: ${line}`),
    show: () => logged.push("shown"),
  };
  const runs = new Runs({ ask } as Pick<Server, "ask">, jobs, log as unknown as LogOutputChannel);
  return { runs, asked, logged };
}

const FINISHED: JobUpdate = {
  job: "1",
  kind: "compare",
  state: "done",
  phase: null,
  fraction: 1,
  message: "",
  verdict: null,
  log: [],
};
