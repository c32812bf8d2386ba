/**
 * The hub knows the documents of this page: the build leaves `persisted-documents.json` beside it.
 * So what goes over the wire is their hash, over HTTP and over the socket.
 */
import { ApolloLink } from "@apollo/client";
import type { DocumentNode } from "graphql";

interface Payload {
  extensions?: { persistedQuery?: unknown };
}

/** Names the document of each operation, and keeps it out of the request. */
export const byHash = new ApolloLink((operation, forward) => {
  const sha256Hash = hashOf(operation.query);
  operation.extensions = { ...operation.extensions, persistedQuery: { version: 1, sha256Hash } };
  operation.setContext({ http: { includeQuery: false, includeExtensions: true } });
  return forward(operation);
});

/** The SHA-256 that `npm run codegen` has written into a document; throws where there is none. */
export function hashOf(document: DocumentNode): string {
  const { hash } = (document as { __meta__?: { hash?: string } }).__meta__ ?? {};
  if (hash === undefined) throw new Error("This document is not one of src/api/operations.ts.");
  return hash.replace("sha256:", "");
}

/** For `JSON.stringify`: leaves the text of a document out where it goes by its hash. */
export function withoutQuery(this: Payload, key: string, value: unknown): unknown {
  return key === "query" && this.extensions?.persistedQuery !== undefined ? "" : value;
}
