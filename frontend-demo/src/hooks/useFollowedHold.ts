import { useCallback, useEffect } from "react";
import { follow } from "../api/follow";
import { HoldSubscription } from "../api/operations";
import { readReservation } from "../api/reservations";
import type { HoldChangesSubscription as Changes, HoldFragment } from "../gql/graphql";
import { isHeld, type Hold } from "../rules/holds";

const READ_AGAIN_MS = 5_000;
const PAST_THE_END_MS = 100;
const AT_LEAST_MS = 1_000;

export interface Followed {
  id: string;
  /** What is known of it: nothing at first. */
  hold: Hold | undefined;
  /** Whether it may have a subscription; without one its end is still noticed in time. */
  live: boolean;
  onChange: (reservation: HoldFragment) => void;
  onGone: (id: string) => void;
}

/**
 * Keeps one reservation current: read once, followed while it is held, and read again when its
 * time is up, because a reservation is expired as soon as its time is, whoever notices first.
 */
export function useFollowedHold({ id, hold, live, onChange, onGone }: Followed): void {
  const held = hold === undefined ? undefined : isHeld(hold);
  const timeLeft = hold?.timeLeft ?? null;

  const read = useCallback(async (): Promise<void> => {
    const reservation = await readReservation(id);
    if (reservation) onChange(reservation);
    else onGone(id);
  }, [id, onChange, onGone]);

  useEffect(() => {
    if (held !== undefined) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tryToRead = (): void => {
      read().catch(() => {
        timer = setTimeout(tryToRead, READ_AGAIN_MS);
      });
    };
    // After the current turn: a reservation that was just made is known by then.
    timer = setTimeout(tryToRead);
    return () => clearTimeout(timer);
  }, [held, read]);

  useEffect(() => {
    if (!held || !live) return;
    const change = (data: Changes): void => onChange(data.reservation);
    return follow(HoldSubscription, { id }, change, () => read().catch(ignore));
  }, [id, held, live, onChange, read]);

  useEffect(() => {
    if (timeLeft === null) return;
    const endsInMs = timeLeft.remainingSeconds * 1000 - (performance.now() - timeLeft.heardAtMs);
    const waitMs = Math.max(AT_LEAST_MS, endsInMs + PAST_THE_END_MS);
    const timer = setTimeout(() => read().catch(ignore), waitMs);
    return () => clearTimeout(timer);
  }, [timeLeft, read]);
}

/** Unreachable: the socket brings the news once it is back. */
function ignore(): void {}
