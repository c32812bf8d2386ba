/** What every client does over every transport that it speaks, told as data for the test. */
import { ASK, FOLLOW, RELEASE, RESERVE, WATCH } from "./documents.mjs";

const WAIT_MS = 20_000;

/**
 * Asks, watches, reserves, and follows the reservation to its end.
 *
 * `ask(document, variables)` gives the data of a query or mutation, and `watch(document, variables)`
 * the data of each event, as an async iterable. Both throw errors in their client's own way;
 * `codeOf(error)` finds the hub's code in it.
 */
export async function tell({ ask, watch, codeOf }, sku) {
  const told = { asked: (await ask(ASK, { skus: [sku] })).availability };

  const changes = watched(watch, WATCH, { skus: [sku] });
  told.snapshot = (await changes.next()).value.availability;
  const { reservation } = (
    await ask(RESERVE, { input: { lines: [{ sku, quantity: 2 }] } })
  ).reserve;
  told.change = (await changes.next()).value.availability;
  await changes.leave();

  const states = watched(watch, FOLLOW, { id: reservation.id });
  told.states = [(await states.next()).value.reservation.state];
  await ask(RELEASE, { input: { id: reservation.id } });
  told.states.push((await states.next()).value.reservation.state);
  told.ended = (await states.next()).done;

  const unknown = { skus: ["NOPE"] };
  told.refused = await codeFrom(ask(ASK, unknown), codeOf);
  told.refusedWatch = await codeFrom(watched(watch, WATCH, unknown).next(), codeOf);
  return JSON.parse(JSON.stringify(told, withoutOwn));
}

/** The data of a result, for clients that give errors beside it. */
export function dataOf({ data, errors }) {
  if (errors) throw errors;
  return data;
}

/**
 * The events of what is subscribed to with `{ next, error, complete }`, as an async iterator of
 * what `dataOf` finds in them.
 */
export function eventsOf(subscribe, dataOf) {
  const waiting = [];
  let wake = () => {};
  const put = (event) => {
    waiting.push(event);
    wake();
  };
  const subscription = subscribe({
    next: (result) => put(() => ({ value: dataOf(result), done: false })),
    error: (error) => put(() => Promise.reject(error)),
    complete: () => put(() => ({ value: undefined, done: true })),
  });
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      while (waiting.length === 0) await new Promise((resolve) => (wake = resolve));
      return waiting.shift()();
    },
    async return() {
      (subscription.unsubscribe ?? subscription).call(subscription);
    },
  };
}

/** Gives the test what was told, and ends: a connection that is still open is no reason to stay. */
export function print(told) {
  process.stdout.write(JSON.stringify(told), () => process.exit(0));
}

/** A subscription whose next event is waited for, but not for ever. */
function watched(watch, document, variables) {
  const events = watch(document, variables)[Symbol.asyncIterator]();
  return {
    async next() {
      let timer;
      const late = new Promise((_, reject) => {
        timer = setTimeout(reject, WAIT_MS, new Error(`no event of ${document} in ${WAIT_MS} ms`));
      });
      return Promise.race([events.next(), late]).finally(() => clearTimeout(timer));
    },
    leave: () => events.return(),
  };
}

async function codeFrom(promise, codeOf) {
  const error = await promise.then(
    () => Promise.reject(new Error("an unknown sku was not refused")),
    (refusal) => refusal,
  );
  if (error instanceof Error && !codeOf(error)) throw error;
  return codeOf(error);
}

/** Leaves out what clients with a cache add: `__typename`, and in Relay's case much more. */
function withoutOwn(key, value) {
  return key.startsWith("__") ? undefined : value;
}
