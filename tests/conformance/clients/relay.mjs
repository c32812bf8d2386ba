/** Relay: what its compiler made of `relay/src`, run over HTTP with subscriptions by WebSocket. */
import { createClient } from "graphql-ws";
import { Environment, Network, Observable, RecordSource, Store } from "relay-runtime";

import { createRequire } from "node:module";
import {
  commitMutation,
  createOperationDescriptor,
  fetchQuery,
  getSingularSelector,
  requestSubscription,
} from "relay-runtime";
import * as documents from "./documents.mjs";
import { eventsOf, print, tell } from "./story.mjs";
import "./websocket.mjs";

const [url, socketUrl, sku, artifacts] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const compiled = (name) => require(`${artifacts}/${name}.graphql.js`);

const client = createClient({ url: socketUrl });

const environment = new Environment({
  store: new Store(new RecordSource()),
  network: Network.create(
    async ({ text }, variables) => {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ query: text, variables }),
      });
      return response.json();
    },
    ({ text, name }, variables) =>
      Observable.create((sink) =>
        client.subscribe({ query: text, operationName: name, variables }, sink),
      ),
  ),
});

const COMPILED = {
  [documents.ASK]: "StockAskQuery",
  [documents.RESERVE]: "StockReserveMutation",
  [documents.RELEASE]: "StockReleaseMutation",
  [documents.WATCH]: "StockWatchSubscription",
  [documents.FOLLOW]: "StockFollowSubscription",
};

function ask(document, variables) {
  const operation = compiled(COMPILED[document]);
  if (operation.params.operationKind === "query") {
    return fetchQuery(environment, operation, variables).toPromise();
  }
  return new Promise((onCompleted, onError) => {
    commitMutation(environment, { mutation: operation, variables, onCompleted, onError });
  });
}

function watch(document, variables) {
  const subscription = compiled(COMPILED[document]);
  return eventsOf(
    ({ next: onNext, error: onError, complete: onCompleted }) => {
      const config = { subscription, variables, onNext, onError, onCompleted };
      return requestSubscription(environment, config).dispose;
    },
    (data) => data,
  );
}

/** The items of a list, told page by page as `usePaginationFragment` shows them. */
async function pages() {
  const page = { first: 2, filter: { family: "mug" } };
  const query = createOperationDescriptor(compiled("StockPageQuery"), page);
  environment.retain(query);
  const fragment = compiled("Stock_items");
  const shown = async (asked) => {
    await asked;
    const root = environment.lookup(query.fragment).data;
    return environment.lookup(getSingularSelector(fragment, root)).data.items;
  };
  const first = await shown(fetchQuery(environment, query.request.node, page).toPromise());
  const more = { ...page, after: first.pageInfo.endCursor };
  const all = await shown(
    fetchQuery(environment, compiled("StockItemsPaginationQuery"), more).toPromise(),
  );
  return [first, all].map(({ edges }) => edges.map(({ node }) => node.sku));
}

const codeOf = (refusal) => (refusal.source?.errors ?? refusal)[0]?.extensions.code;

print({ relay: await tell({ ask, watch, codeOf }, sku), pages: await pages() });
