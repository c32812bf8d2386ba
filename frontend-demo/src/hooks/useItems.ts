import { NetworkStatus } from "@apollo/client";
import { useQuery } from "@apollo/client/react";
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
  return {
    items: items ? listed : undefined,
    total: items?.totalCount ?? 0,
    hasMore: items?.pageInfo.hasNextPage ?? false,
    loadingMore: networkStatus === NetworkStatus.fetchMore,
    searching: data === undefined && networkStatus === NetworkStatus.setVariables,
    error,
    showMore: () => fetchMore({ variables: { after: items?.pageInfo.endCursor } }).catch(() => {}),
    retry: () => void refetch().catch(() => {}),
  };
}
