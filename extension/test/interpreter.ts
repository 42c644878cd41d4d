import * as assert from "node:assert/strict";
import { mkdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { ConfigurationTarget, extensions, Uri, workspace } from "vscode";

import { runPython } from "../src/python/run";
import { isSupported, serverPython } from "../src/python/server";

interface StubPython {
  select: (path: string | undefined) => void;
}

export function interpreterTests(): void {
  const folder = workspace.workspaceFolders?.[0]?.uri ?? Uri.file("/");
  const scope = Uri.joinPath(folder, "a.py");
  const environment = join(folder.fsPath, ".venv", "bin");

  describe("the interpreter for runs", () => {
    let stub: StubPython;

    before(async () => {
      const extension = extensions.getExtension<StubPython>("ms-python.python");
      assert.ok(extension, "the stub of the Python extension is not loaded");
      stub = await extension.activate();
    });

    afterEach(async () => {
      stub.select(undefined);
      await configure("python", undefined);
      await rm(join(folder.fsPath, ".venv"), { recursive: true, force: true });
    });

    it("is the one that the Python extension has selected", async () => {
      stub.select("/selected/python");
      await configure("python", "/configured/python");
      assert.equal(await runPython(scope), "/selected/python");
    });

    it("is the setting where the Python extension selects none", async () => {
      await configure("python", "/configured/python");
      await makeEnvironment();
      assert.equal(await runPython(scope), "/configured/python");
    });

    it("is the setting within the folder where that is a relative path", async () => {
      await configure("python", "env/bin/python");
      assert.equal(await runPython(scope), join(folder.fsPath, "env/bin/python"));
    });

    it("is the folder's .venv where nothing is selected or set", async () => {
      await makeEnvironment();
      assert.equal(await runPython(scope), join(environment, "python"));
    });

    it("is asked for, with the setting's name, where there is none", async () => {
      await assert.rejects(runPython(scope), /no interpreter.*: .*\. Set magneton\.python to/);
    });
  });

  describe("the interpreter of the server", () => {
    it("is python3 on PATH unless set", async () => {
      assert.equal(await serverPython(), "python3");
    });

    it("is one that the bundled libraries are built for", () => {
      assert.deepEqual(
        ["2.7", "3.10", "3.11", "3.14", "3.15", "4.11", ""].filter(isSupported),
        ["3.11", "3.14"],
      );
    });
  });

  async function makeEnvironment(): Promise<void> {
    await mkdir(environment, { recursive: true });
    await symlink("/bin/true", join(environment, "python"));
  }
}

async function configure(name: string, value: string | undefined): Promise<void> {
  const settings = workspace.getConfiguration("magneton");
  await settings.update(name, value, ConfigurationTarget.Workspace);
}
