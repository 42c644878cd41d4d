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

/** Commands with their argument and their answer. */
export interface ServerCommands {
  compare: [{ a: string; b: string; python: string; options: RunOptions }, JobStarted];
  measure: [{ a: string; python: string; options: RunOptions }, JobStarted];
  whatIf: [{ a: string; python: string; options: RunOptions }, JobStarted];
  again: [Record<string, never>, JobStarted];
  doctor: [{ python: string }, JobStarted];
  cancel: [JobStarted, { cancelled: boolean }];
  targets: [{ uri: string }, { targets: Target[]; script: string | null }];
  report: [Record<string, never>, Report];
  open: [{ path: string }, { findings: number }];
  clear: [Record<string, never>, Record<string, never>];
}

export const jobNotification = new NotificationType<JobUpdate>("magneton/job");
