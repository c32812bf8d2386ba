/** urql: over HTTP with subscriptions as events or as multipart, and over a WebSocket. */
import { Client, cacheExchange, fetchExchange, subscriptionExchange } from "@urql/core";
import { createClient } from "graphql-ws";

import { toAsyncIterable } from "wonka";
import { print, tell } from "./story.mjs";
import "./websocket.mjs";

const [url, socketUrl, ...skus] = process.argv.slice(2);

// urql aborts its request when a subscription is left, and lets the rejection of that go unhandled.
process.on("unhandledRejection", (reason) => {
  if (reason?.name !== "AbortError") throw reason;
});

const overHttp = new Client({
  url,
  exchanges: [cacheExchange, fetchExchange],
  fetchSubscriptions: true,
});

const overMultipart = new Client({
  url,
  exchanges: [cacheExchange, fetchExchange],
  fetchSubscriptions: true,
  fetchOptions: { headers: { accept: "multipart/mixed;subscriptionSpec=1.0" } },
});

const socket = createClient({ url: socketUrl });

const overSocket = new Client({
  url,
  exchanges: [
    cacheExchange,
    subscriptionExchange({
      enableAllOperations: true,
      forwardSubscription: (operation) => ({
        subscribe: (sink) => ({ unsubscribe: socket.subscribe(operation, sink) }),
      }),
    }),
  ],
});

async function storyOver(client, sku) {
  function ask(document, variables) {
    return document.startsWith("mutation")
      ? client.mutation(document, variables)
      : client.query(document, variables);
  }

  function subscribe(document, variables) {
    return client.subscription(document, variables);
  }

  const dataOf = ({ data, error }) => {
    if (error) throw error;
    return data;
  };
  const teller = {
    ask: async (document, variables) => dataOf(await ask(document, variables)),
    async *watch(document, variables) {
      for await (const result of toAsyncIterable(subscribe(document, variables))) {
        const data = dataOf(result);
        if (result.hasNext) yield data; // the end repeats the last one
      }
    },
    codeOf: ({ graphQLErrors }) => graphQLErrors?.[0]?.extensions.code,
  };
  return tell(teller, sku);
}

print({
  events: await storyOver(overHttp, skus[0]),
  multipart: await storyOver(overMultipart, skus[1]),
  socket: await storyOver(overSocket, skus[2]),
});
