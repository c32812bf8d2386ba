/**
 * The hub knows the documents of this page: the build leaves `persisted-documents.json` beside it.
 * So what goes over the wire is their hash, over HTTP and over the socket. A page that is open while
 * the hub is upgraded has documents that the hub does not know any more: those it sends as text.
 */
import { ApolloLink, CombinedGraphQLErrors } from "@apollo/client";
import type { DocumentNode, GraphQLFormattedError } from "graphql";
import { catchError, map, tap } from "rxjs";
import { connection } from "./connection";

interface Payload {
  extensions?: { persistedQuery?: unknown };
}

const UNKNOWN = ["PERSISTED_QUERY_NOT_FOUND", "UNKNOWN_DOCUMENT"];
const UNTRUSTED = ["UNTRUSTED_DOCUMENT"];

/** Names the document of each operation, and keeps it out of the request. */
export const byHash = new ApolloLink((operation, forward) => {
  const sha256Hash = hashOf(operation.query);
  operation.extensions = { ...operation.extensions, persistedQuery: { version: 1, sha256Hash } };
  operation.setContext({ http: { includeQuery: false, includeExtensions: true } });
  return forward(operation).pipe(
    map(orThrow(UNKNOWN)),
    catchError((error: unknown) => {
      if (!isRefusal(error, UNKNOWN)) throw error;
      delete operation.extensions.persistedQuery;
      operation.setContext({ http: { includeQuery: true, includeExtensions: false } });
      return forward(operation).pipe(map(orThrow(UNTRUSTED)), tap({ error: tellOutdated }));
    }),
  );
});

/** Over HTTP a refusal is a result, and over the socket an error: here it is an error always. */
function orThrow(codes: string[]): (result: ApolloLink.Result) => ApolloLink.Result {
  return (result) => {
    if (refused(result.errors, codes)) throw new CombinedGraphQLErrors(result);
    return result;
  };
}

function isRefusal(error: unknown, codes: string[]): boolean {
  return CombinedGraphQLErrors.is(error) && refused(error.errors, codes);
}

function refused(errors: readonly GraphQLFormattedError[] = [], codes: string[]): boolean {
  return errors.some(({ extensions }) => codes.includes(String(extensions?.code)));
}

/** The hub takes the documents of its own pages only: those of a page that is older it refuses. */
function tellOutdated(error: unknown): void {
  if (isRefusal(error, UNTRUSTED)) connection.outdated();
}

/** The SHA-256 that `npm run codegen` has written into a document; throws where there is none. */
export function hashOf(document: DocumentNode): string {
  const { hash } = (document as { __meta__?: { hash?: string } }).__meta__ ?? {};
  if (hash === undefined) throw new Error("This document was not made by npm run codegen.");
  return hash.replace("sha256:", "");
}

/** For `JSON.stringify`: leaves the text of a document out where it goes by its hash. */
export function withoutQuery(this: Payload, key: string, value: unknown): unknown {
  return key === "query" && this.extensions?.persistedQuery !== undefined ? "" : value;
}
