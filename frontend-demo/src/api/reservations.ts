/**
 * The four things a shopper does with a reservation. Each answers with the reservation or with a
 * sentence, and each carries an idempotency key, so that asking again never does it twice.
 */
import type { HoldFragment } from "../gql/graphql";
import { refusalSentence, UNREACHABLE, type Refusal } from "../rules/wording";
import { client } from "./client";
import { holderId, randomId } from "./identity";
import {
  CommitMutation,
  ExtendMutation,
  HoldQuery,
  ReleaseMutation,
  ReserveMutation,
} from "./operations";

export type Answer = { reservation: HoldFragment } | { refused: string };

export interface Line {
  sku: string;
  quantity: number;
}

/** Keys of requests that got no answer, by what they asked: a repeat must send the same key. */
const unanswered = new Map<string, string>();

type Result = { __typename: string; reservation?: HoldFragment } & Partial<Refusal>;

async function ask(
  request: object,
  send: (idempotencyKey: string) => Promise<Result | undefined>,
): Promise<Answer> {
  const fingerprint = JSON.stringify(request);
  const key = unanswered.get(fingerprint) ?? randomId();
  unanswered.set(fingerprint, key);
  try {
    const result = await send(key);
    if (!result) return { refused: UNREACHABLE };
    unanswered.delete(fingerprint);
    if (result.reservation) return { reservation: result.reservation };
    return { refused: refusalSentence(result) };
  } catch {
    return { refused: UNREACHABLE };
  }
}

/** Holds all `lines` for this browser, or none of them. */
export function reserve(lines: Line[], channel: string): Promise<Answer> {
  const wanted = { lines, channel, holder: holderId() };
  return ask({ reserve: wanted }, async (idempotencyKey) => {
    const variables = { input: { ...wanted, idempotencyKey } };
    const { data } = await client.mutate({
      mutation: ReserveMutation,
      variables,
      fetchPolicy: "no-cache",
    });
    return data?.reserve;
  });
}

/** Starts the time of a hold over. */
export function extend(id: string): Promise<Answer> {
  return ask({ extend: id }, async (idempotencyKey) => {
    const variables = { input: { id, idempotencyKey } };
    const { data } = await client.mutate({
      mutation: ExtendMutation,
      variables,
      fetchPolicy: "no-cache",
    });
    return data?.extendReservation;
  });
}

/** Gives the units of a hold back. */
export function release(id: string): Promise<Answer> {
  return ask({ release: id }, async (idempotencyKey) => {
    const variables = { input: { id, reason: "taken out of the cart", idempotencyKey } };
    const { data } = await client.mutate({
      mutation: ReleaseMutation,
      variables,
      fetchPolicy: "no-cache",
    });
    return data?.releaseReservation;
  });
}

/** Makes a hold part of an order. */
export function commit(id: string, order: string): Promise<Answer> {
  return ask({ commit: id, order }, async (idempotencyKey) => {
    const variables = { input: { id, order, idempotencyKey } };
    const { data } = await client.mutate({
      mutation: CommitMutation,
      variables,
      fetchPolicy: "no-cache",
    });
    return data?.commitReservation;
  });
}

/** The reservation as it is now: `null` when the hub does not know it. */
export async function readReservation(id: string): Promise<HoldFragment | null> {
  const { data } = await client.query({
    query: HoldQuery,
    variables: { id },
    fetchPolicy: "no-cache",
  });
  return data?.reservation ?? null;
}
