import * as assert from "node:assert/strict";

import { RefType, type Repository, revisionItems } from "../src/revisions";

export function revisionTests(): void {
  describe("the choice of a revision", () => {
    it("is of the file's commits, then of branches and tags, then free", async () => {
      const items = await revisionItems(repository, "/w/a.py");
      assert.deepEqual(
        items.filter(({ label }) => label !== "").map(({ label, description }) => [label, description]),
        [
          ["HEAD", "the last commit"],
          ["commits that changed this file", undefined],
          ["0123456789", "Use the fused loss"],
          ["branches", undefined],
          ["main", undefined],
          ["origin/main", undefined],
          ["tags", undefined],
          ["v1.0", undefined],
          ["Type a revision…", undefined],
        ],
      );
    });

    it("names a commit in full", async () => {
      const items = await revisionItems(repository, "/w/a.py");
      assert.equal(items.find(({ label }) => label === "0123456789")?.revision, COMMIT);
    });
  });
}

const COMMIT = "0123456789abcdef0123456789abcdef01234567";

/** What the git extension says of a repository in which one commit changed the file. */
const repository: Repository = {
  log: ({ path }) => {
    assert.equal(path, "/w/a.py");
    return Promise.resolve([{ hash: COMMIT, message: "Use the fused loss\n\nIt reads once." }]);
  },
  getRefs: () =>
    Promise.resolve([
      { name: "v1.0", type: RefType.Tag },
      { name: "main", type: RefType.Head },
      { name: "origin/main", type: RefType.RemoteHead },
    ]),
};
