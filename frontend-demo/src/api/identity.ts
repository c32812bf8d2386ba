/** Who this browser is to the hub, and the keys that make a repeated request harmless. */
import { keepsake } from "./keepsake";

/** A random id of 16 bytes. `crypto.randomUUID` is missing on plain-HTTP addresses, this is not. */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const holder = keepsake("storefront.holder", (stored) => stored ?? "");

/** The random id that this browser holds its reservations under. */
export function holderId(): string {
  if (holder.get() === "") holder.set(`browser-${randomId()}`);
  return holder.get();
}

/** An order id as a shop would make it: short enough to read out on the phone. */
export function newOrderId(): string {
  return `WEB-${randomId().slice(0, 8).toUpperCase()}`;
}
