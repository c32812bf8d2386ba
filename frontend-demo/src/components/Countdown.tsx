import { useSecondsLeft } from "../hooks/useSecondsLeft";
import { clockWords, isLastMinute, type TimeLeft } from "../rules/countdown";

/** Minutes and seconds left, on server time. Silent: the `Announcer` speaks for it. */
export function Countdown({ timeLeft }: { timeLeft: TimeLeft }) {
  const seconds = useSecondsLeft(timeLeft);
  if (seconds === null) return null;
  return (
    <span className={isLastMinute(seconds) ? "countdown countdown--last" : "countdown"} role="timer">
      {clockWords(seconds)}
    </span>
  );
}
