/** The Apollo client of the control room: HTTP alone, with a token where the hub wants one. */
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from "@apollo/client";
import { SetContextLink } from "@apollo/client/link/context";
import { RetryLink } from "@apollo/client/link/retry";
import { byHash } from "../api/documents";
import { accessToken } from "./token";

const withToken = new SetContextLink(({ headers }) => {
  const token = accessToken.get();
  return token === "" ? {} : { headers: { ...headers, authorization: `Bearer ${token}` } };
});

export const client = new ApolloClient({
  cache: new InMemoryCache({ typePolicies: { Source: { keyFields: ["name"] } } }),
  link: ApolloLink.from([
    ...(import.meta.env.DEV ? [] : [byHash]),
    withToken,
    // Repeating is safe for mutations too: each carries an idempotency key, sent again unchanged.
    new RetryLink({ delay: { initial: 300, max: 2_000, jitter: true }, attempts: { max: 2 } }),
    new HttpLink({ uri: "/graphql" }),
  ]),
});
