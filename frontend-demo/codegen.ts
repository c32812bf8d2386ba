import type { CodegenConfig } from "@graphql-codegen/cli";
import { addTypenameSelectionDocumentTransform } from "@graphql-codegen/client-preset";

/**
 * Types of the operations in `src/api/operations.ts`, from the schema that the hub exports, and the
 * manifest by which the hub knows them. They name their types themselves: what Apollo's cache would
 * add as it sends them is not in the manifest.
 */
const config: CodegenConfig = {
  schema: "../schema/schema.graphql",
  documents: ["src/api/operations.ts"],
  generates: {
    "src/gql/": {
      preset: "client",
      documentTransforms: [addTypenameSelectionDocumentTransform],
      presetConfig: {
        fragmentMasking: false,
        persistedDocuments: { hashAlgorithm: "sha256" },
      },
      config: {
        enumsAsTypes: true,
        strictScalars: true,
        useTypeImports: true,
        scalars: { DateTime: "string", JSON: "unknown", Quantity: "number" },
      },
    },
  },
};

export default config;
