/** What a reservation of this browser means to the shopper. */
import type { HoldFragment } from "../gql/graphql";
import type { TimeLeft } from "./countdown";
import { unitsWords } from "./wording";

/** A reservation with the moment its time left was heard of. */
export interface Hold {
  reservation: HoldFragment;
  /** `null` where nothing runs out. */
  timeLeft: TimeLeft | null;
}

export function holdOf(reservation: HoldFragment, heardAtMs: number): Hold {
  const { state, remainingSeconds } = reservation;
  const runs = state === "HELD" && remainingSeconds !== null;
  return { reservation, timeLeft: runs ? { remainingSeconds, heardAtMs } : null };
}

export function isHeld(hold: Hold): boolean {
  return hold.reservation.state === "HELD";
}

/** The hold that runs out first. */
export function soonest(holds: readonly Hold[]): Hold | undefined {
  const endMs = ({ timeLeft }: Hold): number =>
    timeLeft ? timeLeft.heardAtMs + timeLeft.remainingSeconds * 1000 : Infinity;
  return holds.filter(isHeld).sort((a, b) => endMs(a) - endMs(b))[0];
}

/** Units by item: a line that several locations serve comes in several parts. */
export function heldLines(reservation: HoldFragment) {
  const lines = new Map<string, Pick<HoldFragment["lines"][number], "sku" | "quantity" | "item">>();
  for (const { sku, quantity, item } of reservation.lines) {
    lines.set(sku, { sku, item, quantity: quantity + (lines.get(sku)?.quantity ?? 0) });
  }
  return [...lines.values()];
}

/** How a hold ended, in a sentence; `null` while it has not. */
export function endSentence(reservation: HoldFragment): string | null {
  const units = heldLines(reservation).reduce((sum, line) => sum + line.quantity, 0);
  const verb = units === 1 ? "is" : "are";
  switch (reservation.state) {
    case "HELD":
      return null;
    case "COMMITTED":
    case "FULFILLED":
      return `Ordered${reservation.order ? ` as ${reservation.order}` : ""}. Thank you.`;
    case "EXPIRED":
      return `Time ran out: ${unitsWords(units)} ${verb} back on sale.`;
    case "RELEASED":
    case "CANCELLED":
      return `Given back: ${unitsWords(units)} ${verb} on sale again.`;
  }
}
