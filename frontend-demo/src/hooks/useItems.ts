import { NetworkStatus } from "@apollo/client";
import { useQuery } from "@apollo/client/react";
import { useEffect, useState } from "react";
import { ItemsQuery } from "../api/operations";
import type { ItemsQuery as Items } from "../gql/graphql";
import { useLiveAvailability } from "./useLiveAvailability";

export const PAGE_SIZE = 24;

export type ListedItem = Items["items"]["edges"][number]["node"];

/** The items that match `text`, page by page, with badges that stay current. */
export function useItems(text: string, channel: string | undefined) {
  const { data, previousData, error, networkStatus, fetchMore, refetch } = useQuery(ItemsQuery, {
    variables: { first: PAGE_SIZE, filter: text === "" ? null : { text }, scope: { channel } },
    skip: channel === undefined,
    errorPolicy: "all",
    notifyOnNetworkStatusChange: true,
  });
  // While a new search is under way the former answer stays, so that nothing jumps.
  const items = (data ?? previousData)?.items;
  const listed = items?.edges.map((edge) => edge.node) ?? [];
  useLiveAvailability(
    listed.map((item) => item.sku),
    channel,
  );
  const hasMore = items?.pageInfo.hasNextPage ?? false;
  // More of one search: asked for, and with an error where that failed. Nobody asks twice by himself.
  const search = JSON.stringify([text, channel]);
  const [asked, setAsked] = useState<{ search: string; error?: Error }>();
  const more = asked?.search === search ? asked : undefined;
  const showMore = () => {
    const now = { search };
    setAsked(now);
    const settle = (then?: { search: string; error: Error }) =>
      setAsked((latest) => (latest === now ? then : latest));
    fetchMore({ variables: { after: items?.pageInfo.endCursor } }).then(
      () => settle(),
      (error: Error) => settle({ search, error }),
    );
  };
  // The hub gives a page that is not full rather than search for long.
  const isShort = hasMore && listed.length < PAGE_SIZE;
  const goesOn = networkStatus === NetworkStatus.ready && isShort && more === undefined;
  useEffect(() => {
    if (goesOn) showMore();
  });
  return {
    items: items && (listed.length > 0 || !hasMore) ? listed : undefined,
    total: items?.totalCount ?? 0,
    hasMore,
    loadingMore: networkStatus === NetworkStatus.fetchMore,
    searching: data === undefined && networkStatus === NetworkStatus.setVariables,
    error: error ?? more?.error,
    showMore,
    retry: error === undefined && more?.error ? showMore : () => void refetch().catch(() => {}),
  };
}
