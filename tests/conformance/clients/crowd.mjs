/** Many clients of every kind that watch one item, and some that count another one up over their
 * sockets, one unit at a time. Prints a line once all are told something, and for each line of its
 * input what they were told since. */
import { createInterface } from "node:readline";

import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { RetryLink } from "@apollo/client/link/retry";
import { Client, fetchExchange } from "@urql/core";
import { EventSource } from "eventsource";
import { createClient as createEventsClient } from "graphql-sse";
import { createClient } from "graphql-ws";

import { WATCH } from "./documents.mjs";
import "./websocket.mjs";

const [url, socketUrl, feedUrl, sku, countedSku, numbers, stubborn] = process.argv.slice(2);
const numberOf = JSON.parse(numbers);
const PAUSE_MS = 700; // below the hub's limit of messages in a minute
const COUNT = `mutation {
  adjustStock(input: { sku: "${countedSku}", location: "BER", delta: 1, reason: "counted" }) {
    __typename
  }
}`;

const crowd = [];
const counted = { sent: 0, answered: 0, failures: [] };
const operation = { query: WATCH, variables: { skus: [sku] } };

function joins(kind) {
  const one = { kind, quantity: null, opened: 0, closes: {}, failure: null };
  crowd.push(one);
  return one;
}

function ends(one, failure) {
  one.failure ??= failure instanceof Error ? `${failure.name}: ${failure.message}` : failure;
}

const sinkOf = (one) => ({
  next: ({ data, errors }) => {
    if (errors) return ends(one, JSON.stringify(errors));
    const [news] = data.availability.availability;
    if (news) one.quantity = news.quantity;
  },
  error: (error) => ends(one, error?.code ? `closed with ${error.code}` : error),
  complete: () => ends(one, "completed"),
});

function onSocket(one) {
  return createClient({
    url: socketUrl,
    lazy: one.kind !== "counter",
    // By default graphql-ws takes a connection that is refused for the end of all.
    ...(stubborn === "true" && { retryAttempts: Infinity, shouldRetry: () => true }),
    on: {
      connected: () => (one.opened += 1),
      closed: ({ code }) => (one.closes[code] = (one.closes[code] ?? 0) + 1),
    },
  });
}

const kinds = {
  socket(one) {
    onSocket(one).subscribe(operation, sinkOf(one));
  },
  async counter(one) {
    const client = onSocket(one);
    for (;;) {
      counted.sent += 1;
      try {
        for await (const { data } of client.iterate({ query: COUNT }))
          if (data?.adjustStock.__typename === "AdjustStockSuccess") counted.answered += 1;
          else ends(one, JSON.stringify(data));
      } catch (error) {
        counted.failures.push(error?.code ?? String(error));
      }
      one.quantity = 0;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  },
  events(one) {
    const client = createEventsClient({ url, on: { connected: () => (one.opened += 1) } });
    client.subscribe(operation, sinkOf(one));
  },
  apollo(one) {
    const retry = new RetryLink({ attempts: { max: Infinity, retryIf: () => true } });
    const asks = new ApolloLink((request, forward) => {
      one.opened += 1;
      return forward(request);
    });
    const link = ApolloLink.from([retry, asks, new HttpLink({ uri: url })]);
    const client = new ApolloClient({ link, cache: new InMemoryCache() });
    const query = gql(WATCH);
    client.subscribe({ query, variables: operation.variables }).subscribe(sinkOf(one));
  },
  urql(one) {
    const exchanges = [fetchExchange];
    const client = new Client({ url, exchanges, fetchSubscriptions: true });
    const { next, complete } = sinkOf(one);
    const subscribe = () => {
      one.opened += 1;
      client.subscription(WATCH, operation.variables).subscribe(({ data, error, hasNext }) => {
        // Its retryExchange asks again for the same reason.
        if (error?.networkError) setTimeout(subscribe, PAUSE_MS);
        else if (hasNext) next({ data });
        else complete();
      });
    };
    subscribe();
  },
  eventSource(one) {
    const asked = new URLSearchParams({ query: WATCH, variables: JSON.stringify({ skus: [sku] }) });
    const source = new EventSource(`${url}?${asked}`);
    const { next, complete } = sinkOf(one);
    source.addEventListener("open", () => (one.opened += 1));
    source.addEventListener("next", ({ data }) => next(JSON.parse(data)));
    source.addEventListener("complete", complete);
    source.addEventListener("error", () => {
      if (source.readyState === EventSource.CLOSED) ends(one, "given up");
    });
  },
  feed(one) {
    const source = new EventSource(`${feedUrl}?sku=${sku}`);
    source.addEventListener("open", () => (one.opened += 1));
    source.addEventListener("availability", ({ data }) => {
      one.quantity = JSON.parse(data).quantity;
    });
    source.addEventListener("error", () => {
      if (source.readyState === EventSource.CLOSED) ends(one, "given up");
    });
  },
};

for (const [kind, number] of Object.entries(numberOf))
  for (let n = 0; n < number; n += 1) kinds[kind](joins(kind));

while (crowd.some(({ quantity, failure }) => quantity === null && !failure))
  await new Promise((resolve) => setTimeout(resolve, 50));
console.log("ready");

createInterface({ input: process.stdin })
  .on("line", () => console.log(JSON.stringify({ crowd, counted })))
  .on("close", () => process.exit(0));
