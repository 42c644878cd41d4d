/** Asks the user which functions to run. */
import { basename } from "node:path";

import {
  type QuickPickItem,
  QuickPickItemKind,
  type TextDocument,
  type TextEditor,
  Uri,
  window,
  workspace,
} from "vscode";

import { Problem } from "./problem";
import type { Target, TargetAt } from "./protocol";
import type { Server } from "./server";

interface TargetItem extends QuickPickItem {
  target?: string;
}

const OTHER_FILE = "Choose a file…";
const AS_SCRIPT = "the whole file, as a script";

export class TargetPicker {
  constructor(private readonly server: Server) {}

  /** A function of the active file, the one at the cursor first; undefined if dismissed. */
  async pickHere(title: string): Promise<TargetAt | undefined> {
    const editor = pythonEditor();
    const uri = editor.document.uri;
    const targets = await this.targetsIn(uri);
    const line = editor.selection.active.line;
    const here = targets.filter(({ range }) => range.start.line <= line && line <= range.end.line);
    const others = targets.filter((target) => !here.includes(target));
    const target = await pick([...here, ...others].map(item), title);
    return target === undefined ? undefined : { target, uri: uri.toString() };
  }

  /** What to compare `a` with: from its file, from other open ones, or from a chosen one. */
  async pickOther(a: TargetAt): Promise<string | undefined> {
    const uri = Uri.parse(a.uri);
    const own = (await this.list(uri)).filter(({ target }) => target !== a.target);
    const items: TargetItem[] = own.map(item);
    for (const other of openPythonFiles(uri)) {
      items.push(separator(workspace.asRelativePath(other)), ...(await this.list(other, uri)).map(item));
    }
    items.push(separator(""), { label: OTHER_FILE, alwaysShow: true });
    const chosen = await show(items, `Magneton: compare ${a.target} with`);
    return chosen?.label === OTHER_FILE ? this.pickFromFile(uri, a) : chosen?.target;
  }

  private async pickFromFile(near: Uri, a: TargetAt): Promise<string | undefined> {
    const chosen = await window.showOpenDialog({
      defaultUri: Uri.joinPath(near, ".."),
      filters: { Python: ["py"] },
      openLabel: "Compare With",
    });
    const file = chosen?.[0];
    return file && pick(await this.allOf(file, near), `compare ${a.target} with`);
  }

  /** The functions of a file, and the file itself as a script. */
  private async allOf(uri: Uri, relativeTo: Uri): Promise<TargetItem[]> {
    const { targets, script } = await this.ask(uri, relativeTo);
    const items = targets.map(item);
    if (script !== null) {
      items.push({ label: basename(uri.fsPath), description: AS_SCRIPT, target: script });
    }
    return items;
  }

  private async targetsIn(uri: Uri): Promise<Target[]> {
    const targets = await this.list(uri);
    if (targets.length === 0) {
      throw new Problem(
        `${workspace.asRelativePath(uri)} has nothing to run`,
        "it has no top-level function that can be called without arguments",
        "Write one that builds the model and its inputs and returns the step to be measured",
      );
    }
    return targets;
  }

  private async list(uri: Uri, relativeTo = uri): Promise<Target[]> {
    return (await this.ask(uri, relativeTo)).targets;
  }

  /** Targets as they are named in a run of what is in `relativeTo`. */
  private ask(uri: Uri, relativeTo: Uri): Promise<{ targets: Target[]; script: string | null }> {
    return this.server.ask("targets", { uri: uri.toString(), relativeTo: relativeTo.toString() });
  }
}

function pythonEditor(): TextEditor {
  const editor = window.activeTextEditor;
  if (editor === undefined || !isPythonFile(editor.document)) {
    throw new Problem(
      "no Python file is active",
      "the functions to choose from are those of the active editor's file",
      "Open a saved .py file of this workspace and try again",
    );
  }
  return editor;
}

function isPythonFile({ uri, languageId }: TextDocument): boolean {
  return uri.scheme === "file" && languageId === "python";
}

function openPythonFiles(except: Uri): Uri[] {
  return workspace.textDocuments
    .filter((document) => isPythonFile(document) && workspace.getWorkspaceFolder(document.uri))
    .map(({ uri }) => uri)
    .filter((uri) => uri.toString() !== except.toString());
}

function item({ target, name }: Target): TargetItem {
  return { label: name, description: target, target };
}

function separator(label: string): TargetItem {
  return { label, kind: QuickPickItemKind.Separator };
}

async function pick(items: TargetItem[], title: string): Promise<string | undefined> {
  return (await show(items, `Magneton: ${title}`))?.target;
}

function show(items: TargetItem[], title: string): Thenable<TargetItem | undefined> {
  return window.showQuickPick(items, { title, matchOnDescription: true });
}
