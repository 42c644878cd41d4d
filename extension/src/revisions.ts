/** Asks for a git revision, of those that VS Code's own git extension knows or any other. */
import { type Event, extensions, type QuickPickItem, QuickPickItemKind, type Uri, window } from "vscode";

import { Problem } from "./problem";

/** The part of the git extension's published API, version 1, that is used here. */
export interface Repository {
  log(options: { maxEntries: number; path?: string }): Promise<{ hash: string; message: string }[]>;
  getRefs(query: { sort: "committerdate" }): Promise<{ name?: string; type: RefType }[]>;
}

export enum RefType {
  Head = 0,
  RemoteHead = 1,
  Tag = 2,
}

interface GitExtension {
  readonly enabled: boolean;
  getAPI(version: 1): GitApi;
}

interface GitApi {
  readonly state: GitState;
  readonly onDidChangeState: Event<GitState>;
  getRepository(uri: Uri): Repository | null;
}

type GitState = "uninitialized" | "initialized";

export interface RevisionItem extends QuickPickItem {
  revision?: string;
}

const COMMITS = 20;
const TYPED = "Type a revision…";

/** A revision to compare the program in `uri` with; undefined if dismissed. */
export async function pickRevision(uri: Uri, target: string): Promise<string | undefined> {
  const repository = await repositoryOf(uri);
  const title = `Magneton: compare ${target} with its revision`;
  if (repository === undefined) {
    return typed(title);
  }
  const items = await revisionItems(repository, uri.fsPath);
  const chosen = await window.showQuickPick(items, { title, matchOnDescription: true });
  return chosen?.label === TYPED ? typed(title) : chosen?.revision;
}

/** The commits that changed the file at `path`, the last one of the branch first; then branches
 * and tags. */
export async function revisionItems(repository: Repository, path: string): Promise<RevisionItem[]> {
  const changes = await repository.log({ maxEntries: COMMITS, path });
  const refs = await repository.getRefs({ sort: "committerdate" });
  const named = (type: RefType): RevisionItem[] =>
    refs.flatMap((ref) => (ref.type === type && ref.name ? [{ label: ref.name, revision: ref.name }] : []));
  return [
    { label: "HEAD", description: "the last commit", revision: "HEAD" },
    separator("commits that changed this file"),
    ...changes.map(({ hash, message }) => ({
      label: hash.slice(0, 10),
      description: message.split("\n", 1)[0] ?? "",
      revision: hash,
    })),
    separator("branches"),
    ...named(RefType.Head),
    ...named(RefType.RemoteHead),
    separator("tags"),
    ...named(RefType.Tag),
    separator(""),
    { label: TYPED, alwaysShow: true },
  ];
}

async function repositoryOf(uri: Uri): Promise<Repository | undefined> {
  const git = await extensions.getExtension<GitExtension>("vscode.git")?.activate();
  if (git?.enabled !== true) {
    return undefined; // revisions can still be typed
  }
  const api = git.getAPI(1);
  await ready(api);
  const repository = api.getRepository(uri);
  if (repository === null) {
    throw new Problem(
      "there is no revision to compare with",
      `${uri.fsPath} is in no git repository that VS Code has open`,
      "Open a folder of the repository, or compare with another function",
    );
  }
  return repository;
}

/** Resolves once the git extension has looked for repositories in the open folders. */
async function ready(api: GitApi): Promise<void> {
  if (api.state === "uninitialized") {
    await new Promise<void>((resolve) => {
      const subscription = api.onDidChangeState(() => {
        subscription.dispose();
        resolve();
      });
    });
  }
}

function typed(title: string): Thenable<string | undefined> {
  return window.showInputBox({
    title,
    prompt: "A branch, a tag, a commit, or what git makes of HEAD~2",
    validateInput: (text) => (/^-|\s/.test(text) ? "A revision holds no space and begins with no dash." : null),
  });
}

function separator(label: string): RevisionItem {
  return { label, kind: QuickPickItemKind.Separator };
}
