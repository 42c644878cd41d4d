import * as assert from "node:assert/strict";

import { knobProblem, knobsIn } from "../src/knobs";

export function knobTests(): void {
  describe("the choice of knobs", () => {
    it("is of several parameters, or of none", () => {
      assert.deepEqual(knobsIn(" batch_size=1,8,32  mode=fast "), ["batch_size=1,8,32", "mode=fast"]);
      assert.deepEqual(knobsIn("  "), []);
    });

    it("has nothing wrong with a name and its values", () => {
      for (const text of ["", "batch_size=1", "n=1,8 größe='a',-2.5", "_=x=y"]) {
        assert.equal(knobProblem(text), null, text);
      }
    });

    it("says which part has no name or no value", () => {
      for (const wrong of ["batch_size", "batch_size=", "9x=1", "=1", "a=1,,2", "a-b=1"]) {
        assert.equal(knobProblem(`n=1 ${wrong}`), `"${wrong}" is not of the form NAME=VALUE,VALUE.`);
      }
    });
  });
}
