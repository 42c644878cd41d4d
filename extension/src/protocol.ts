/** What docs/protocol.md adds to the Language Server Protocol, as types. */
import { NotificationType, type Range } from "vscode-languageclient/node";

export interface Target {
  target: string;
  name: string;
  range: Range;
}

/** The argument of the code lenses' commands. */
export interface TargetAt {
  target: string;
  uri: string;
}

export interface JobStarted {
  job: string;
}

export interface JobUpdate {
  job: string;
  kind: "compare" | "measure" | "what-if" | "doctor";
  state: "queued" | "running" | "done" | "failed" | "cancelled";
  phase: string | null;
  fraction: number;
  message: string;
  verdict: string | null;
  log: string[];
}

/** Whose report is meant: a workspace folder's, or the newest. */
export interface ReportOf {
  workspace?: string;
}

export interface Report {
  html: string;
  path: string | null;
}

export interface RunOptions {
  threshold: number;
  timeThreshold: number;
  smallestShare: number;
  per: string;
  timeBudget: number;
  timeout: number;
  device: string;
  fix: boolean;
}

/** The targets are relative to the workspace folder of the document `uri`. */
export interface RunOf {
  a: string;
  uri: string;
  python: string;
  options: RunOptions;
}

/** Commands with their argument and their answer. */
export interface ServerCommands {
  compare: [RunOf & { b: string }, JobStarted];
  measure: [RunOf, JobStarted];
  whatIf: [RunOf & { knobs: string[] }, JobStarted];
  again: [Record<string, never>, JobStarted];
  doctor: [{ python: string }, JobStarted];
  cancel: [JobStarted, { cancelled: boolean }];
  targets: [{ uri: string; relativeTo?: string }, { targets: Target[]; script: string | null }];
  report: [ReportOf, Report];
  open: [{ path: string }, { findings: number }];
  clear: [Record<string, never>, Record<string, never>];
}

export const jobNotification = new NotificationType<JobUpdate>("magneton/job");
