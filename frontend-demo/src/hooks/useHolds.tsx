import { createContext, use, useCallback, useMemo, useRef, useState, type ReactNode } from "react";
import { newOrderId } from "../api/identity";
import { keepsake } from "../api/keepsake";
import * as reservations from "../api/reservations";
import type { HoldFragment } from "../gql/graphql";
import { holdOf, isHeld, type Hold } from "../rules/holds";
import { useFollowedHold, type Followed } from "./useFollowedHold";
import { useKeepsake } from "./useKeepsake";

/** `null` when it went well, else a sentence for the shopper. */
type Outcome = Promise<string | null>;

interface Holds {
  /** The reservations of this browser, newest first. */
  holds: Hold[];
  reserve: (lines: reservations.Line[], channel: string) => Outcome;
  extend: (id: string) => Outcome;
  release: (id: string) => Outcome;
  /** Turns every held reservation into one order. */
  checkOut: () => Outcome;
  /** Takes an ended hold out of sight. */
  dismiss: (id: string) => void;
  /** What just happened, for screen readers. */
  notice: string;
}

/** The hub allows one socket so many subscriptions; the page needs a few for itself. */
const FOLLOW_AT_MOST = 12;

const HoldsContext = createContext<Holds | null>(null);

const heldIds = keepsake<string[]>("storefront.holds", (stored) => {
  try {
    const ids: unknown = JSON.parse(stored ?? "[]");
    return Array.isArray(ids) ? ids.filter((id) => typeof id === "string") : [];
  } catch {
    return [];
  }
});

const forget = (id: string): void => heldIds.set(heldIds.get().filter((known) => known !== id));

/** Keeps the reservations of this browser: their ids outlive a reload, the hub has the rest. */
export function HoldsProvider({ children }: { children: ReactNode }) {
  const [ids] = useKeepsake(heldIds);
  const [known, setKnown] = useState<Record<string, Hold>>({});
  const [notice, setNotice] = useState("");
  const openOrder = useRef<string | null>(null);

  const learn = useCallback((reservation: HoldFragment): void => {
    const hold = holdOf(reservation, performance.now());
    setKnown((before) => {
      // The answer to a mutation and the event of it race each other: the newer one stays.
      const had = before[reservation.id]?.reservation.version ?? -1;
      return had > reservation.version ? before : { ...before, [reservation.id]: hold };
    });
  }, []);

  const holds = useMemo(() => ids.flatMap((id) => known[id] ?? []), [ids, known]);

  const settle = (answer: reservations.Answer, said: string): string | null => {
    if ("refused" in answer) return answer.refused;
    learn(answer.reservation);
    setNotice(said);
    return null;
  };

  const value: Holds = {
    holds,
    notice,
    dismiss: forget,
    async reserve(lines, channel) {
      const answer = await reservations.reserve(lines, channel);
      const refused = settle(answer, "Held for you. The time left is shown in the cart.");
      if ("reservation" in answer) heldIds.set([answer.reservation.id, ...heldIds.get()]);
      return refused;
    },
    async extend(id) {
      return settle(await reservations.extend(id), "The hold is extended.");
    },
    async release(id) {
      const refused = settle(await reservations.release(id), "The hold is released.");
      if (refused === null) forget(id);
      return refused;
    },
    async checkOut() {
      // A second try after a failure is the same order, not another one.
      const order = (openOrder.current ??= newOrderId());
      for (const { reservation } of holds.filter(isHeld)) {
        const answer = await reservations.commit(reservation.id, order);
        const refused = settle(answer, `Ordered as ${order}.`);
        if (refused !== null) return refused;
      }
      openOrder.current = null;
      return null;
    },
  };

  return (
    <HoldsContext value={value}>
      {ids.map((id, place) => (
        <FollowedHold
          key={id}
          id={id}
          hold={known[id]}
          live={place < FOLLOW_AT_MOST}
          onChange={learn}
          onGone={forget}
        />
      ))}
      {children}
    </HoldsContext>
  );
}

/** One reservation, followed for as long as this is mounted. Shows nothing. */
function FollowedHold(followed: Followed): null {
  useFollowedHold(followed);
  return null;
}

export function useHolds(): Holds {
  const holds = use(HoldsContext);
  if (holds === null) throw new Error("useHolds needs a HoldsProvider above it");
  return holds;
}
