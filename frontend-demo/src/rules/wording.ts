/** The voice of availability: which words, tone and icon a stock line gets, and how errors read. */
import type { AvailabilityStatus, StockLineFragment } from "../gql/graphql";

/** Meaning of a stock line, shown as icon and colour next to its words. */
export type Tone = "good" | "watch" | "later" | "out";

export interface StockWords {
  tone: Tone;
  /** What comes first: "In stock", "Only 3 left", "Back by 4 Dec". */
  words: string;
  /** What still needs saying after it, if anything. */
  detail: string | null;
}

const TONES: Record<AvailabilityStatus, Tone> = {
  IN_STOCK: "good",
  LIMITED_AVAILABILITY: "watch",
  BACK_ORDER: "later",
  PRE_ORDER: "later",
  OUT_OF_STOCK: "out",
  SOLD_OUT: "out",
  DISCONTINUED: "out",
};

/** Words for a stock line: the hub's, with what still needs saying when it tells a date. */
export function stockWords(line: StockLineFragment): StockWords {
  const { code, text } = line.message;
  if (code === "BACK_BY") return { tone: "later", words: text, detail: "Out of stock until then" };
  return { tone: TONES[line.status], words: text, detail: null };
}

/** Whether a hold can be asked for at all. The hub still has the last word. */
export function canBeReserved(status: AvailabilityStatus): boolean {
  return TONES[status] !== "out";
}

/** `1,204` or `2.5`. */
export function quantityWords(quantity: number): string {
  return new Intl.NumberFormat("en", { maximumFractionDigits: 3 }).format(quantity);
}

/** How many can be had: a number, or a band where the channel does not tell numbers. */
export function amountWords(line: Pick<StockLineFragment, "quantity" | "band">): string {
  return line.quantity === null ? (line.band ?? "") : quantityWords(line.quantity);
}

/** `1 unit`, `3 units`. */
export function unitsWords(quantity: number): string {
  return `${quantityWords(quantity)} ${quantity === 1 ? "unit" : "units"}`;
}

/** `4 Dec`, with the year when it is not this one. */
export function dayWords(moment: string, now: Date = new Date()): string {
  const date = new Date(moment);
  const year = date.getFullYear() === now.getFullYear() ? undefined : "numeric";
  return new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year }).format(date);
}

/** `14:02`. */
export function timeWords(moment: Date): string {
  return new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" }).format(moment);
}

export function priceWords({ amount, currency }: { amount: number; currency: string }): string {
  return new Intl.NumberFormat("en-GB", { style: "currency", currency }).format(amount);
}

/** Why nothing, or too little, is left; `null` where the sum says it all. */
export function limitSentence(reason: string | null): string | null {
  return reason === null ? null : (LIMITS[reason] ?? null);
}

const LIMITS: Record<string, string> = {
  SAFETY_STOCK: "What is left is kept back as safety stock.",
  RESERVED: "What is left is held in other carts, and may come back.",
  ALLOCATED: "What is left is promised to orders.",
  UNAVAILABLE: "What is left is damaged or set aside.",
  NOT_STOCKED: "No location of this shop stocks it.",
  DISCONTINUED: "It is discontinued: what is left is not sold any more.",
};

const RULES: Record<string, string> = {
  item: "kept back by a rule for this item",
  category: "kept back by a rule for its category",
  location: "kept back by a rule of this location",
  channel: "kept back by a rule of this shop",
  global: "kept back by the general rule",
};

/** The rule that keeps units back, such as `location:BER`, in words. */
export function ruleWords(rule: string): string {
  return RULES[rule.split(":", 1)[0] ?? ""] ?? `kept back by ${rule}`;
}

/** A line that falls short: how many are left, as a number or as a band. */
export interface Shortage {
  requested: number;
  available: number | null;
  band: string | null;
}

/** An error member of a result union, as far as the shop reads it. */
export interface Refusal {
  __typename: string;
  message?: string;
  lines?: Shortage[];
}

/** A refusal of the hub as one sentence that a shopper can act on. */
export function refusalSentence(refusal: Refusal): string {
  switch (refusal.__typename) {
    case "InsufficientStock":
      return (refusal.lines ?? []).map(shortageSentence).join(" ");
    case "UnknownSku":
      return "This item is no longer sold here.";
    case "UnknownChannel":
      return "This shop is not open any more. Choose another one at the top.";
    case "ReservationNotFound":
      return "The hub does not know this hold any more. Reserve again to get a new one.";
    case "ReservationEnded":
      return "This hold has already ended. Reserve again to get a new one.";
    case "IdempotencyMismatch":
      return "This request was already sent with other contents. Please try again.";
    default:
      return refusal.message ?? "The hub refused this. Please try again.";
  }
}

function shortageSentence(line: Shortage): string {
  const amount = amountWords({ quantity: line.available, band: line.band });
  const left = amount === "0" ? "None" : amount;
  return `${left} left, you asked for ${quantityWords(line.requested)}.`;
}

/** For a request that got no answer at all. */
export const UNREACHABLE =
  "The hub did not answer, so nothing was changed that we know of. Trying again is safe.";
