import { useQuery } from "@apollo/client/react";
import { ItemQuery } from "../api/operations";
import type { ItemQuery as Answer } from "../gql/graphql";
import { compareLooks, lookOf } from "../rules/attributes";
import { useLiveAvailability } from "./useLiveAvailability";

type Found = NonNullable<Answer["item"]>;
export type FamilyItem = Found["variants"][number];

/** One item with its whole family (itself included), all of them kept current. */
export function useItem(sku: string, channel: string | undefined) {
  const { data, previousData, error, loading, refetch } = useQuery(ItemQuery, {
    variables: { sku, scope: { channel } },
    skip: channel === undefined,
  });
  // A step to another variant needs no waiting: the family that is on the page already knows it.
  const known = familyOf(data?.item) ?? familyOf(previousData?.item);
  const item = known?.find((member) => member.sku === sku);
  const family = item ? known : undefined;
  useLiveAvailability(family?.map((member) => member.sku) ?? [], channel, "detail");
  return {
    item,
    family: family ?? [],
    unknown: !loading && data !== undefined && data.item === null,
    error: item ? undefined : error,
    retry: () => void refetch().catch(() => {}),
  };
}

function familyOf(item: Answer["item"] | undefined): FamilyItem[] | undefined {
  if (!item) return undefined;
  const inOrder = (a: FamilyItem, b: FamilyItem): number =>
    compareLooks(lookOf(a.attributes), lookOf(b.attributes)) || a.sku.localeCompare(b.sku);
  return [item, ...item.variants].sort(inOrder);
}
