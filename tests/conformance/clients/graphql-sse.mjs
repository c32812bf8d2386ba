/** graphql-sse: everything over Server-Sent Events, each operation on a connection of its own. */
import { createClient } from "graphql-sse";

import { dataOf, print, tell } from "./story.mjs";

const [url, , sku] = process.argv.slice(2);

const client = createClient({ url });

async function ask(query, variables) {
  for await (const result of client.iterate({ query, variables })) return dataOf(result);
}

async function* watch(query, variables) {
  for await (const result of client.iterate({ query, variables })) yield dataOf(result);
}

const codeOf = (errors) => errors[0]?.extensions.code;

print({ events: await tell({ ask, watch, codeOf }, sku) });
