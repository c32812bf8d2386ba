import type { CodegenConfig } from "@graphql-codegen/cli";

/** Types of the operations in `src/api/operations.ts`, from the schema that the hub exports. */
const config: CodegenConfig = {
  schema: "../schema/schema.graphql",
  documents: ["src/api/operations.ts"],
  generates: {
    "src/gql/": {
      preset: "client",
      presetConfig: { fragmentMasking: false },
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
