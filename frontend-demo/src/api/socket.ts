/** The one WebSocket to the hub: it reconnects for ever, and says when the page is not current. */
import { createClient } from "graphql-ws";
import { connection } from "./connection";
import { withoutQuery } from "./documents";

const PING_EVERY_MS = 10_000;
const PONG_WITHIN_MS = 5_000;
const RETRY_AT_MOST_MS = 10_000;

let pongTimer: ReturnType<typeof setTimeout> | undefined;

export const socket = createClient({
  url: () => `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/graphql`,
  // Open as long as the page is, so that moving between pages costs no new connection.
  lazy: false,
  onNonLazyError: () => connection.socketClosed(),
  jsonMessageReplacer: withoutQuery,
  keepAlive: PING_EVERY_MS,
  retryAttempts: Infinity,
  shouldRetry: () => true,
  retryWait,
  on: {
    connected: () => connection.socketOpened(),
    message: () => connection.heard(),
    ping: (received) => {
      // Nothing heard after our ping: the connection is half open, and only closing it helps.
      if (!received) pongTimer = setTimeout(() => socket.terminate(), PONG_WITHIN_MS);
    },
    pong: (received) => {
      if (received) clearTimeout(pongTimer);
    },
    closed: () => {
      clearTimeout(pongTimer);
      connection.socketClosed();
    },
  },
});

// A browser that knows it is offline does not have to wait for a missing pong.
addEventListener("offline", () => socket.terminate());

/** Waits longer from try to try, jittered so that a thousand pages do not return at once. */
async function retryWait(retries: number): Promise<void> {
  const ceilingMs = Math.min(RETRY_AT_MOST_MS, 500 * 2 ** retries);
  const waitMs = ceilingMs / 2 + (Math.random() * ceilingMs) / 2;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, waitMs);
    addEventListener("online", done);
    function done(): void {
      clearTimeout(timer);
      removeEventListener("online", done);
      resolve();
    }
  });
}
