/** graphql-ws: everything over one WebSocket. */
import { createClient } from "graphql-ws";

import { dataOf, print, tell } from "./story.mjs";
import "./websocket.mjs";

const [, socketUrl, sku] = process.argv.slice(2);

const client = createClient({ url: socketUrl });

async function ask(query, variables) {
  for await (const result of client.iterate({ query, variables })) return dataOf(result);
}

async function* watch(query, variables) {
  for await (const result of client.iterate({ query, variables })) yield dataOf(result);
}

const codeOf = (errors) => errors[0]?.extensions.code;

print({ socket: await tell({ ask, watch, codeOf }, sku) });
