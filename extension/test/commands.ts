import * as assert from "node:assert/strict";
import { commands, extensions } from "vscode";

export function commandTests(): void {
  describe("the extension", () => {
    it("registers every command that it declares", async () => {
      const extension = extensions.getExtension<unknown>("magneton.magneton");
      assert.ok(extension);
      await extension.activate();
      const manifest = extension.packageJSON as { contributes: { commands: { command: string }[] } };
      const declared = manifest.contributes.commands.map(({ command }) => command);
      const registered = await commands.getCommands(true);
      assert.equal(declared.length, 11);
      assert.deepEqual(
        declared.filter((command) => !registered.includes(command)),
        [],
      );
    });
  });
}
