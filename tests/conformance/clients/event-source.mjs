/** fetch and EventSource, as every browser has them. */
import { EventSource } from "eventsource";

import { dataOf, eventsOf, print, tell } from "./story.mjs";

const [url, , sku] = process.argv.slice(2);

async function ask(query, variables) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  return dataOf(await response.json());
}

function subscribe(query, variables, { next, complete }) {
  const asked = new URLSearchParams({ query, variables: JSON.stringify(variables) });
  const source = new EventSource(`${url}?${asked}`);
  source.addEventListener("next", ({ data }) => next(JSON.parse(data)));
  source.addEventListener("complete", () => {
    source.close(); // or it would connect again
    complete();
  });
  return () => source.close();
}

const watch = (query, variables) =>
  eventsOf((observer) => subscribe(query, variables, observer), dataOf);
const codeOf = (errors) => errors[0]?.extensions.code;

print({ eventSource: await tell({ ask, watch, codeOf }, sku) });
