/** Apollo Client: over HTTP with multipart subscriptions, and over a WebSocket. */
import "./websocket.mjs";
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { OperationTypeNode } from "graphql";
import { createClient } from "graphql-ws";
import { eventsOf, print, tell } from "./story.mjs";

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

  async function ask(document, variables) {
    const operation = gql(document);
    const { data } = document.startsWith("mutation")
      ? await client.mutate({ mutation: operation, variables })
      : await client.query({ query: operation, variables });
    return data;
  }

  function watch(document, variables) {
    return eventsOf(
      (observer) => client.subscribe({ query: gql(document), variables }).subscribe(observer),
      ({ data, error }) => {
        if (error) throw error;
        return data;
      },
    );
  }

  const codeOf = ({ errors }) => errors?.[0].extensions.code;
  return tell({ ask, watch, codeOf }, sku);
}

print({
  http: await storyOver(overHttp, skus[0]),
  socket: await storyOver(overSocket, skus[1]),
  split: await storyOver(subscriptionsOverSocket, skus[2]),
});
