import * as assert from "node:assert/strict";

import { withPolicy } from "../src/report";

export function reportTests(): void {
  describe("the report's page", () => {
    it("begins its head with a policy that allows no scripts and no loading", () => {
      const page = withPolicy("<html><head lang='en'><style>p{}</style></head></html>");
      const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";
      assert.equal(
        page,
        `<html><head lang='en'><meta http-equiv="Content-Security-Policy" content="${policy}">` +
          "<style>p{}</style></head></html>",
      );
    });

    it("is refused without a head to put the policy in", () => {
      assert.throws(() => withPolicy("<p>report"), /not a whole HTML page/);
    });
  });
}
