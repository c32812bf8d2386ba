import type { CodegenConfig } from "@graphql-codegen/cli";
import { addTypenameSelectionDocumentTransform } from "@graphql-codegen/client-preset";

/**
 * Types of the operations of a page, from the schema that the hub exports, and the manifest by which
 * the hub knows them. They name their types themselves: what Apollo's cache would add as it sends
 * them is not in the manifest. Each page has its own, so that none loads what another asks.
 */
const ofPage = (operations: string) => ({
  documents: [operations],
  preset: "client" as const,
  documentTransforms: [addTypenameSelectionDocumentTransform],
  presetConfig: {
    fragmentMasking: false,
    persistedDocuments: { hashAlgorithm: "sha256" as const },
  },
  config: {
    enumsAsTypes: true,
    strictScalars: true,
    useTypeImports: true,
    scalars: { DateTime: "string", JSON: "unknown", Quantity: "number" },
  },
});

const config: CodegenConfig = {
  schema: "../schema/schema.graphql",
  generates: {
    "src/gql/": ofPage("src/api/operations.ts"),
    "src/control/gql/": ofPage("src/control/operations.ts"),
  },
};

export default config;
