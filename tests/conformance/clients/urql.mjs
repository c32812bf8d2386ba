/** urql: over HTTP with subscriptions as events or as multipart, and over a WebSocket. */
import "./websocket.mjs";
import { Client, cacheExchange, fetchExchange, subscriptionExchange } from "@urql/core";
import { createClient } from "graphql-ws";
import { toAsyncIterable } from "wonka";
import { print, tell } from "./story.mjs";

const [url, socketUrl, ...skus] = process.argv.slice(2);

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
  const dataOf = ({ data, error }) => {
    if (error) throw error;
    return data;
  };

  async function ask(document, variables) {
    return dataOf(
      await (document.startsWith("mutation")
        ? client.mutation(document, variables)
        : client.query(document, variables)),
    );
  }

  async function* watch(document, variables) {
    for await (const result of toAsyncIterable(client.subscription(document, variables))) {
      const data = dataOf(result);
      if (result.hasNext) yield data; // the end repeats the last one
    }
  }

  const codeOf = ({ graphQLErrors }) => graphQLErrors?.[0]?.extensions.code;
  return tell({ ask, watch, codeOf }, sku);
}

print({
  events: await storyOver(overHttp, skus[0]),
  multipart: await storyOver(overMultipart, skus[1]),
  socket: await storyOver(overSocket, skus[2]),
});
