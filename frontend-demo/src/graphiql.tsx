/**
 * GraphiQL on the hub's own endpoint: everything comes from this build, nothing from elsewhere.
 * A page of its own, so that the storefront never loads the editor.
 */
import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import "graphiql/style.css";
import { createClient } from "graphql-ws";
import { createRoot } from "react-dom/client";
import { exampleTabs } from "./rules/examples";

const address = new URL("/graphql", location.href);
const socketAddress = new URL(address);
socketAddress.protocol = location.protocol === "https:" ? "wss:" : "ws:";

const fetcher = createGraphiQLFetcher({
  url: address.href,
  wsClient: createClient({
    url: socketAddress.href,
    retryAttempts: Infinity,
    shouldRetry: () => true,
  }),
});

/** Real items for the examples; without them the examples are still there to be filled in. */
async function someSkus(): Promise<string[]> {
  try {
    const answer = await fetch(address, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: "{ items(first: 3) { edges { node { sku } } } }" }),
    });
    const { data } = (await answer.json()) as {
      data?: { items: { edges: { node: { sku: string } }[] } };
    };
    return data?.items.edges.map((edge) => edge.node.sku) ?? [];
  } catch {
    return [];
  }
}

const root = document.getElementById("graphiql");
if (root === null) throw new Error("graphiql.html has no #graphiql");
const skus = await someSkus();

createRoot(root).render(
  <GraphiQL fetcher={fetcher} defaultTabs={exampleTabs(skus)} shouldPersistHeaders={false} />,
);
