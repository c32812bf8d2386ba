import { ApolloClient, ApolloLink, Observable, type TypedDocumentNode } from "@apollo/client";
import { type DocumentNode, getOperationAST } from "graphql";
import { expect, test } from "vitest";
import * as generated from "../gql/graphql";
import manifest from "../gql/persisted-documents.json";
import { createCache } from "./cache";
import { byHash, withoutQuery } from "./documents";

const documents = Object.values(generated as unknown as Record<string, DocumentNode>).filter(
  (document) => getOperationAST(document) !== null,
);

test("every operation of the page goes by a hash that the manifest has", async () => {
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

test("the text stays at home where the hash goes, and only there", () => {
  const named = { query: "{ a }", variables: { query: "x" }, extensions: { persistedQuery: {} } };
  const payloads = [named, { query: "{ a }", extensions: { persistedQuery: undefined } }];
  expect(JSON.parse(JSON.stringify(payloads, withoutQuery))).toEqual([
    { ...named, query: "" },
    { query: "{ a }", extensions: {} },
  ]);
});
