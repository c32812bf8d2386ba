/**
 * Time left on a hold. The hub says how many seconds remain; what counts from then on is the
 * page's own monotonic clock, so a wrong or changed wall clock cannot bend the countdown.
 */

/** Seconds that remained at the moment (`performance.now()`, milliseconds) they were heard of. */
export interface TimeLeft {
  remainingSeconds: number;
  heardAtMs: number;
}

/** Whole seconds left, rounded up, never below 0. */
export function secondsLeft(time: TimeLeft, nowMs: number): number {
  const passedSeconds = (nowMs - time.heardAtMs) / 1000;
  return Math.max(0, Math.ceil(time.remainingSeconds - passedSeconds));
}

/** Milliseconds until `secondsLeft` changes next, so that a ticker wakes exactly then. */
export function msToNextSecond(time: TimeLeft, nowMs: number): number {
  const leftMs = time.remainingSeconds * 1000 - (nowMs - time.heardAtMs);
  if (leftMs <= 0) return Infinity;
  return leftMs % 1000 || 1000;
}

/** `9:41`, or `1:04:09` from an hour up. */
export function clockWords(seconds: number): string {
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = String(seconds % 60).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

/** Words for a screen reader. They change once a minute, so they are spoken once a minute. */
export function spokenTimeLeft(seconds: number): string {
  if (seconds <= 0) return "Your hold has ended.";
  if (seconds <= 60) return "Less than a minute left on your hold.";
  return `${Math.ceil(seconds / 60)} minutes left on your hold.`;
}

/** Calm until the last minute. */
export function isLastMinute(seconds: number): boolean {
  return seconds <= 60;
}
