/** Why the hub does not answer, in words. */
import { CombinedGraphQLErrors } from "@apollo/client";

export interface Refusal {
  kind: "token" | "away" | "other";
  words: string;
}

/** What a person can do about an error of a query or mutation. */
export function refusalOf(error: unknown): Refusal {
  if (!CombinedGraphQLErrors.is(error)) {
    return { kind: "away", words: "The hub did not answer." };
  }
  const [first] = error.errors;
  const code = String(first?.extensions?.["code"]);
  if (code === "UNAUTHENTICATED") {
    return { kind: "token", words: "This hub answers only to who shows a valid token." };
  }
  // This one says which scope is missing.
  if (code === "FORBIDDEN") return { kind: "token", words: first?.message ?? "" };
  if (code === "UNAVAILABLE") return { kind: "away", words: "The hub’s database is away." };
  return { kind: "other", words: first?.message ?? "The hub refused, and did not say why." };
}
