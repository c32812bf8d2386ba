import type { OperationVariables, TypedDocumentNode } from "@apollo/client";
import { useApolloClient } from "@apollo/client/react";
import { randomId } from "../api/identity";
import { refusalOf } from "./rules/refusals";

interface Outcome<Data> {
  /** What the hub answered, where it did it. */
  done?: Data | undefined;
  /** Why it was not done, as a sentence. */
  problem?: string | undefined;
}

/** Has the hub do something; afterwards all that is on the page is asked anew. */
export function useAct() {
  const client = useApolloClient();
  return async <Data extends object, Input>(
    mutation: TypedDocumentNode<Data, { input: Input }>,
    input: Input,
  ): Promise<Outcome<Data>> => {
    try {
      const { data } = await client.mutate<Data, OperationVariables>({
        mutation,
        variables: { input: { ...input, idempotencyKey: randomId() } },
        refetchQueries: "active",
      });
      return { done: data, problem: problemOf(data) };
    } catch (error) {
      return { problem: refusalOf(error).words };
    }
  };
}

/** The sentence of a typed error: each of the hub's mutations answers with a success or with one. */
function problemOf(data: object | undefined): string | undefined {
  const answers: unknown[] = Object.values(data ?? {});
  const refused = answers.find(
    (answer): answer is { message: string } =>
      typeof answer === "object" && answer !== null && "message" in answer,
  );
  return refused?.message;
}
