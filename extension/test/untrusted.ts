import * as assert from "node:assert/strict";
import { extensions, Uri, window, workspace } from "vscode";

import { Jobs } from "../src/jobs";
import { Runs } from "../src/runs";
import type { Server } from "../src/server";
import { pythonSetting } from "../src/settings";

export function untrustedTests(): void {
  describe("an untrusted workspace", () => {
    it("gets no run of any kind", async () => {
      const asked: string[] = [];
      const server = { ask: (name: string) => asked.push(name) } as unknown as Pick<Server, "ask">;
      const log = window.createOutputChannel("Magneton tests", { log: true });
      const runs = new Runs(server, new Jobs(), log);
      const scope = Uri.file("/a.py");
      const attempts = [
        () => runs.compare("a.py:f", "b.py:f", scope),
        () => runs.measure("a.py:f", scope),
        () => runs.whatIf("a.py:f", ["n=1,2"], scope),
        () => runs.again(),
        () => runs.doctor(scope),
      ];
      for (const attempt of attempts) {
        await assert.rejects(attempt, /nothing is run in this workspace: .* not trusted\. Trust/);
      }
      assert.deepEqual(asked, []);
    });

    it("cannot name an interpreter", () => {
      const folder = workspace.workspaceFolders?.[0]?.uri;
      assert.equal(pythonSetting("python", folder), undefined);
      assert.equal(pythonSetting("serverPython", folder), undefined);
    });

    it("still has the extension", async () => {
      const extension = extensions.getExtension<unknown>("magneton.magneton");
      await extension?.activate();
      assert.equal(extension?.isActive, true);
    });
  });
}
