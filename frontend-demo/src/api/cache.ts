/**
 * Where availability lives in the page: one record per item and scope, in Apollo's cache. Answers
 * to queries and events of subscriptions meet here, and the newest version wins on either road.
 */
import { InMemoryCache, type FieldMergeFunction, type StoreObject } from "@apollo/client";
import { relayStylePagination } from "@apollo/client/utilities";
import type { EventKind, ScopeInput, StockDetailFragment, StockLineFragment } from "../gql/graphql";
import { ItemStockDetailFragmentDoc, ItemStockLineFragmentDoc } from "../gql/graphql";

export function createCache(): InMemoryCache {
  return new InMemoryCache({
    typePolicies: {
      Query: { fields: { items: relayStylePagination(["filter"]) } },
      Item: { keyFields: ["sku"], fields: { availability: { merge: newestWins } } },
      // Part of its item: two scopes of one item are two records of that item's field.
      Availability: { keyFields: false },
      // Time left is true only at the moment of receipt, so a hold is never read from here.
      Reservation: { keyFields: false },
    },
  });
}

/**
 * Keeps the newer of two answers whole: the parts of two answers are never mixed. At the same
 * version the later reading is right, because a rule or a hold past its end moves no stock.
 */
const newestWins: FieldMergeFunction<StoreObject, StoreObject> = (
  existing,
  incoming,
  { mergeObjects, readField },
) => {
  if (!existing) return incoming;
  const versionOf = (line: StoreObject): number => readField<number>("version", line) ?? 0;
  const readAt = (line: StoreObject): number => Date.parse(readField<string>("asOf", line) ?? "");
  const newer = versionOf(incoming) - versionOf(existing) || readAt(incoming) - readAt(existing);
  if (newer === 0) return mergeObjects(existing, incoming);
  return newer > 0 ? incoming : existing;
};

/** Writes one event of a subscription into the items it speaks of. */
export function applyEvent(
  cache: InMemoryCache,
  scope: ScopeInput,
  kind: EventKind,
  lines: readonly (StockLineFragment | StockDetailFragment)[],
): void {
  // A snapshot or reset is the truth even if its versions start over, after a restored database.
  const startsOver = kind === "SNAPSHOT" || kind === "RESET";
  cache.batch({
    update: () => {
      for (const line of lines) {
        const id = cache.identify({ __typename: "Item", sku: line.sku });
        if (id === undefined) continue;
        if (startsOver) {
          cache.evict({ id, fieldName: "availability", args: { scope }, broadcast: false });
        }
        const target = { id, variables: { scope }, broadcast: false };
        if ("breakdown" in line) {
          cache.writeFragment({
            ...target,
            fragment: ItemStockDetailFragmentDoc,
            fragmentName: "ItemStockDetail",
            data: { __typename: "Item", availability: line },
          });
        } else {
          cache.writeFragment({
            ...target,
            fragment: ItemStockLineFragmentDoc,
            fragmentName: "ItemStockLine",
            data: { __typename: "Item", availability: line },
          });
        }
      }
    },
  });
}
