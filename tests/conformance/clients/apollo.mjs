/** Apollo Client: over HTTP with multipart subscriptions, and over a WebSocket. */
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { OperationTypeNode } from "graphql";
import { createClient } from "graphql-ws";

import { eventsOf, print, tell } from "./story.mjs";
import "./websocket.mjs";

const [url, socketUrl, ...skus] = process.argv.slice(2);

const overHttp = new HttpLink({ uri: url });
const overSocket = new GraphQLWsLink(createClient({ url: socketUrl }));

const subscriptionsOverSocket = ApolloLink.split(
  ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
  overSocket,
  overHttp,
);

async function storyOver(link, sku) {
  const client = new ApolloClient({ link, cache: new InMemoryCache() });

  function ask(document, variables) {
    return document.startsWith("mutation")
      ? client.mutate({ mutation: gql(document), variables })
      : client.query({ query: gql(document), variables });
  }

  function subscribe(document, variables, observer) {
    return client.subscribe({ query: gql(document), variables }).subscribe(observer);
  }

  const dataOf = ({ data, error }) => {
    if (error) throw error;
    return data;
  };
  const teller = {
    ask: async (document, variables) => dataOf(await ask(document, variables)),
    watch: (document, variables) =>
      eventsOf((observer) => subscribe(document, variables, observer), dataOf),
    codeOf: ({ errors }) => errors?.[0].extensions.code,
  };
  return tell(teller, sku);
}

print({
  http: await storyOver(overHttp, skus[0]),
  socket: await storyOver(overSocket, skus[1]),
  split: await storyOver(subscriptionsOverSocket, skus[2]),
});
