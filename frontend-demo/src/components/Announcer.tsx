import { useHolds } from "../hooks/useHolds";
import { useSecondsLeft } from "../hooks/useSecondsLeft";
import { spokenTimeLeft } from "../rules/countdown";
import { soonest } from "../rules/holds";

/** What screen readers hear: what was just done, and once a minute how long the hold lasts. */
export function Announcer() {
  const { holds, notice } = useHolds();
  const seconds = useSecondsLeft(soonest(holds)?.timeLeft ?? null);
  return (
    <>
      <p className="visually-hidden" role="status">
        {notice}
      </p>
      <p className="visually-hidden" role="status">
        {seconds === null ? "" : spokenTimeLeft(seconds)}
      </p>
    </>
  );
}
