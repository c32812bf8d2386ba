/** How the control room speaks: names, numbers and times in words. */
import { quantityWords } from "../../rules/wording";
import type {
  DeadLetterState,
  DeadLetterStep,
  QuarantineQuery,
  SourceState,
} from "../gql/graphql";

/** A guard rail that a snapshot goes beyond. */
export type Tripped = QuarantineQuery["quarantine"]["edges"][number]["node"]["report"][number];

export type Tone = "good" | "watch" | "act" | "plain";

/** The name of a snapshot; that of a file without what the hub tells its contents apart by. */
export function snapshotTitle(name: string): string {
  return name.replace(/ [0-9a-f]{32} [0-9a-f]{16}$/, "");
}

const RAILS: Record<string, string> = {
  zeroed_share: "Items that would go to zero",
  total_drop_share: "Drop of all units together",
  jump_factor: "Widest jump of an item",
  unknown_share: "Items that do not exist",
  days_out_of_order: "Older than the newest",
};

/** What a guard rail looks at. */
export function railTitle(rail: string): string {
  return RAILS[rail] ?? rail;
}

/** A value of a guard rail in its unit: a share, so many times, so many days. */
export function railValue(rail: string, value: number): string {
  if (rail.endsWith("_share")) return `${quantityWords(Math.round(value * 1000) / 10)} %`;
  if (rail === "jump_factor") return `${quantityWords(Math.round(value))} ×`;
  if (rail === "days_out_of_order") return `${quantityWords(Math.round(value * 10) / 10)} days`;
  return quantityWords(value);
}

/** How far beyond its limit, for a bar: the limit's place in it, between 0 and 1. */
export function limitPlace({ limit, actual }: Pick<Tripped, "limit" | "actual">): number {
  return actual <= 0 ? 1 : Math.min(1, Math.max(0, limit / actual));
}

/** `+1,200`, `−7`: what a change makes of a count. */
export function changeWords(before: number | null, after: number): string {
  const change = after - (before ?? 0);
  return change < 0 ? `−${quantityWords(-change)}` : `+${quantityWords(change)}`;
}

const STEPS = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
] as const;
const ago = new Intl.RelativeTimeFormat("en-GB", { numeric: "always" });

/** `3 minutes ago`; `just now` within the last minute, whatever the two clocks differ. */
export function agoWords(moment: string, now: Date): string {
  const seconds = (Date.parse(moment) - now.getTime()) / 1000;
  const step = STEPS.find(([, length]) => Math.abs(seconds) >= length);
  return step === undefined ? "just now" : ago.format(Math.trunc(seconds / step[1]), step[0]);
}

/** `22 Nov 2026, 14:02:09`. */
export function momentWords(moment: string): string {
  return new Date(moment).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "medium" });
}

export function sizeWords(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const [size, unit] = bytes < 1024 ** 2 ? [bytes / 1024, "KiB"] : [bytes / 1024 ** 2, "MiB"];
  return `${size.toFixed(1)} ${unit}`;
}

/** `1 row`, `2,000 rows`. */
export function countWords(count: number, one: string, many = `${one}s`): string {
  return `${quantityWords(count)} ${count === 1 ? one : many}`;
}

/** `7`; `7+` where only some were counted; nothing where there are none. */
export function atLeast(count: number, isCut: boolean): string {
  if (isCut) return `${quantityWords(count)}+`;
  return count === 0 ? "" : quantityWords(count);
}

export const LETTER_STATES: Record<DeadLetterState, { words: string; tone: Tone }> = {
  DEAD: { words: "Waiting", tone: "act" },
  PENDING: { words: "Put back", tone: "watch" },
  APPLIED: { words: "Applied", tone: "good" },
  SUPERSEDED: { words: "Superseded", tone: "plain" },
  DISCARDED: { words: "Discarded", tone: "plain" },
};

export function isLetterState(state: string): state is DeadLetterState {
  return Object.hasOwn(LETTER_STATES, state);
}

export const LETTER_STEPS: Record<DeadLetterStep, string> = {
  RETRIED: "came too early, to be tried again",
  HELD: "waited behind another event",
  FAILED: "failed",
  APPLIED: "took effect",
  SUPERSEDED: "changed nothing, newer word was known",
  REQUEUED: "put back",
  EDITED: "edited",
  DISCARDED: "discarded",
  REPLAYED: "put back by a replay",
};

export const SOURCE_STATES: Record<SourceState, { words: string; tone: Tone }> = {
  WAITING: { words: "Not heard yet", tone: "plain" },
  FRESH: { words: "Fresh", tone: "good" },
  LATE: { words: "Late", tone: "watch" },
  FAILING: { words: "Failing", tone: "watch" },
  DOUBTFUL: { words: "Doubtful", tone: "act" },
  STALE: { words: "Stale", tone: "act" },
  CIRCUIT_OPEN: { words: "Circuit open", tone: "act" },
};

/** How a source proves itself, by its configuration. */
export function proofWords(configuration: unknown): string {
  const kind = (configuration as { signing?: { kind?: string } } | null)?.signing?.kind;
  return kind === undefined || kind === "none" ? "access token" : kind;
}

/** The parts of a configuration, each with its text; name and format stand elsewhere. */
export function configurationRows(configuration: unknown): [string, string][] {
  if (typeof configuration !== "object" || configuration === null) return [];
  return Object.entries(configuration)
    .filter(([name]) => name !== "name" && name !== "format")
    .map(([name, value]) => [name, plainText(value, "")]);
}

function plainText(value: unknown, path: string): string {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    const text = JSON.stringify(value);
    return path === "" ? text : `${path} = ${text}`;
  }
  return Object.entries(value)
    .map(([name, inner]) => plainText(inner, path === "" ? name : `${path}.${name}`))
    .join("\n");
}
