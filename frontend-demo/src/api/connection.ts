/**
 * Whether what the page shows is current. Fed by the socket (open or not), by the streams on it
 * (snapshot received or not) and by refusals of the page's documents; read by the dot in the header.
 */

export type Connection =
  | { kind: "connecting" }
  | { kind: "live" }
  | { kind: "catchingUp" }
  | { kind: "stale"; since: Date }
  /** The hub does not answer this page any more: only a newer one helps. */
  | { kind: "outdated" };

let isOutdated = false;
let socketOpen = false;
let lastHeard: Date | null = null;
const streams = new Map<symbol, "waiting" | "current">();
const listeners = new Set<() => void>();
let current: Connection = { kind: "connecting" };

function derive(): Connection {
  if (isOutdated) return { kind: "outdated" };
  if (!socketOpen) {
    return lastHeard === null ? { kind: "connecting" } : { kind: "stale", since: lastHeard };
  }
  return [...streams.values()].includes("waiting") ? { kind: "catchingUp" } : { kind: "live" };
}

function update(): void {
  const next = derive();
  if (next.kind === current.kind) return;
  current = next;
  for (const listener of listeners) listener();
}

export const connection = {
  socketOpened(): void {
    socketOpen = true;
    lastHeard = new Date();
    // What was current before the gap is not any more: each stream owes a new snapshot.
    for (const stream of streams.keys()) streams.set(stream, "waiting");
    update();
  },
  socketClosed(): void {
    socketOpen = false;
    update();
  },
  outdated(): void {
    isOutdated = true;
    update();
  },
  heard(): void {
    lastHeard = new Date();
  },
  streamOpened(): symbol {
    const stream = Symbol("stream");
    streams.set(stream, "waiting");
    update();
    return stream;
  },
  streamCurrent(stream: symbol): void {
    if (streams.has(stream)) streams.set(stream, "current");
    update();
  },
  streamLost(stream: symbol): void {
    if (streams.has(stream)) streams.set(stream, "waiting");
    update();
  },
  streamClosed(stream: symbol): void {
    streams.delete(stream);
    update();
  },
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  get(): Connection {
    return current;
  },
};
