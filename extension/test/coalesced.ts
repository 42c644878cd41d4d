import * as assert from "node:assert/strict";

import { Coalesced } from "../src/coalesced";

export function coalescedTests(): void {
  describe("a coalesced task", () => {
    it("runs once more for all requests made during a run", async () => {
      let runs = 0;
      const { task, release } = heldBack(() => runs++);
      const coalesced = new Coalesced(task);
      const all = [coalesced.run(), coalesced.run(), coalesced.run()];
      assert.equal(runs, 1);
      release();
      await Promise.all(all);
      assert.equal(runs, 2);
    });

    it("tells each caller of its own run's failure", async () => {
      let runs = 0;
      const coalesced = new Coalesced(async () => {
        runs += 1;
        await Promise.resolve();
        if (runs === 1) {
          throw new Error("first");
        }
      });
      const first = coalesced.run();
      const second = coalesced.run();
      await assert.rejects(first, /first/);
      await second;
      assert.equal(runs, 2);
    });

    it("is settled after the last run that is due", async () => {
      let runs = 0;
      const { task, release } = heldBack(() => runs++);
      const coalesced = new Coalesced(task);
      void coalesced.run();
      void coalesced.run();
      release();
      await coalesced.settled();
      assert.equal(runs, 2);
    });
  });
}

/** A task that does not end before `release()` is called. */
function heldBack(onRun: () => void): { task: () => Promise<void>; release: () => void } {
  let release = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const task = async (): Promise<void> => {
    onRun();
    await gate;
  };
  return { task, release };
}
