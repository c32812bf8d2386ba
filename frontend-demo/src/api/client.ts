/** The Apollo client: queries and mutations over HTTP, subscriptions over the one WebSocket. */
import { ApolloClient, ApolloLink, HttpLink } from "@apollo/client";
import { RetryLink } from "@apollo/client/link/retry";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { OperationTypeNode } from "graphql";
import { createCache } from "./cache";
import { byHash } from "./documents";
import { socket } from "./socket";

// Repeating is safe for mutations too: each carries an idempotency key, sent again unchanged.
const overHttp = ApolloLink.from([
  new RetryLink({
    delay: { initial: 300, max: 2_000, jitter: true },
    attempts: { max: 3 },
  }),
  new HttpLink({ uri: "/graphql" }),
]);

export const cache = createCache();

export const client = new ApolloClient({
  cache,
  link: ApolloLink.from([
    // While operations are being written, the hub cannot know them by their hash.
    ...(import.meta.env.DEV ? [] : [byHash]),
    ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      new GraphQLWsLink(socket),
      overHttp,
    ),
  ]),
});
