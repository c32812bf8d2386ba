import type { OperationVariables, TypedDocumentNode } from "@apollo/client";
import { useQuery } from "@apollo/client/react";
import { refusalOf, type Refusal } from "./rules/refusals";

const EVERY_MS = 3_000;
/** For what is costly to answer, or hardly ever changes. */
export const SELDOM_MS = 30_000;

interface Live<Data> {
  /** The newest answer; one that came before is shown until the next is there. */
  data: Data | undefined;
  refusal: Refusal | undefined;
  retry: () => void;
}

/** A query that is asked again and again, as long as somebody looks. */
export function useLive<Data, Variables extends OperationVariables>(
  query: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  everyMs: number = EVERY_MS,
): Live<Data> {
  const { data, previousData, error, refetch } = useQuery<Data, OperationVariables>(query, {
    variables,
    fetchPolicy: "cache-and-network",
    pollInterval: everyMs,
    skipPollAttempt: () => document.hidden,
  });
  return {
    data: (data ?? previousData) as Data | undefined,
    refusal: error === undefined ? undefined : refusalOf(error),
    retry: () => void refetch().catch(() => {}),
  };
}
