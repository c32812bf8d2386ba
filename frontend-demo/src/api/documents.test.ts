import {
  ApolloClient,
  ApolloLink,
  CombinedGraphQLErrors,
  Observable,
  type TypedDocumentNode,
} from "@apollo/client";
import { type DocumentNode, getOperationAST } from "graphql";
import { expect, test } from "vitest";
import * as controlRoom from "../control/gql/graphql";
import manifestOfControlRoom from "../control/gql/persisted-documents.json";
import * as generated from "../gql/graphql";
import manifestOfStorefront from "../gql/persisted-documents.json";
import { createCache } from "./cache";
import { connection } from "./connection";
import { byHash, withoutQuery } from "./documents";

const everything = { ...generated, ...controlRoom } as unknown as Record<string, DocumentNode>;
const documents = Object.values(everything).filter((document) => getOperationAST(document) !== null);
const manifest = { ...manifestOfStorefront, ...manifestOfControlRoom };

test("every operation of the pages goes by a hash that the manifest has", async () => {
  const sent: string[] = [];
  const wire = new ApolloLink((operation) => {
    expect(operation.getContext().http).toEqual({ includeQuery: false, includeExtensions: true });
    sent.push(`sha256:${operation.extensions.persistedQuery.sha256Hash}`);
    return new Observable((observer) => observer.error(new Error("not sent")));
  });
  const link = ApolloLink.from([byHash, wire]);
  const client = new ApolloClient({ cache: createCache(), link });
  for (const document of documents) {
    // The cache may change a document on its way: the hash has to outlast that.
    const asked = document as TypedDocumentNode<unknown, object>;
    const kind = getOperationAST(document)?.operation;
    if (kind === "query") await client.query({ query: asked }).catch(() => {});
    if (kind === "mutation") await client.mutate({ mutation: asked }).catch(() => {});
    if (kind === "subscription") client.subscribe({ query: asked }).subscribe({});
  }
  expect(sent.sort()).toEqual(Object.keys(manifest).sort());
});

/** What a hub that refuses with these codes, one after the other, is sent for one query. */
async function sentTo(refuse: (code: string) => ApolloLink.Result, ...codes: string[]) {
  const sent: object[] = [];
  const wire = new ApolloLink((operation) => {
    const { includeQuery } = operation.getContext().http;
    sent.push({ text: includeQuery, hash: "persistedQuery" in operation.extensions });
    const code = codes[sent.length - 1];
    return new Observable((observer) => {
      observer.next(code ? refuse(code) : { data: { channels: [] } });
      observer.complete();
    });
  });
  const client = new ApolloClient({ cache: createCache(), link: ApolloLink.from([byHash, wire]) });
  const query = generated.PlacesDocument as TypedDocumentNode<unknown, object>;
  const answer = await client.query({ query, errorPolicy: "all", fetchPolicy: "no-cache" });
  return { sent, refused: answer.error !== undefined };
}

const asResult = (code: string) => ({ errors: [{ message: "No.", extensions: { code } }] });
const asError = (code: string): never => {
  throw new CombinedGraphQLErrors(asResult(code));
};
const hash = { text: false, hash: true };
const text = { text: true, hash: false };

test.each([asResult, asError])("a document that the hub does not know goes as text", async (how) => {
  for (const code of ["PERSISTED_QUERY_NOT_FOUND", "UNKNOWN_DOCUMENT"]) {
    expect(await sentTo(how, code)).toEqual({ sent: [hash, text], refused: false });
    expect(await sentTo(how, code, code)).toEqual({ sent: [hash, text], refused: true });
  }
  expect(await sentTo(how, "UNAVAILABLE")).toEqual({ sent: [hash], refused: true });
  expect(connection.get().kind).toBe("connecting");
});

test.each([asResult, asError])("a page that the hub no longer trusts is outdated", async (how) => {
  const answer = await sentTo(how, "UNKNOWN_DOCUMENT", "UNTRUSTED_DOCUMENT");
  expect(answer).toEqual({ sent: [hash, text], refused: true });
  expect(connection.get().kind).toBe("outdated");
});

test("the text stays at home where the hash goes, and only there", () => {
  const named = { query: "{ a }", variables: { query: "x" }, extensions: { persistedQuery: {} } };
  const payloads = [named, { query: "{ a }", extensions: { persistedQuery: undefined } }];
  expect(JSON.parse(JSON.stringify(payloads, withoutQuery))).toEqual([
    { ...named, query: "" },
    { query: "{ a }", extensions: {} },
  ]);
});
