import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";
import controlRoom from "./src/control/gql/persisted-documents.json" with { type: "json" };
import storefront from "./src/gql/persisted-documents.json" with { type: "json" };

/** The hub that `npm run dev` talks to; in production the hub serves these pages itself. */
const hubAddress = process.env.HUB_URL ?? "http://127.0.0.1:8000";

/** Lays the manifest of the pages' documents beside them: the hub reads it from there. */
const manifest: Plugin = {
  name: "manifest-of-documents",
  generateBundle() {
    const source = JSON.stringify({ ...storefront, ...controlRoom });
    this.emitFile({ type: "asset", fileName: "persisted-documents.json", source });
  },
};

export default defineConfig({
  plugins: [react(), manifest],
  server: {
    proxy: { "/graphql": { target: hubAddress, ws: true, changeOrigin: true } },
  },
  build: {
    target: "es2023",
    // Three pages: what is the control room's or GraphiQL's alone, the storefront never loads.
    rolldownOptions: {
      input: ["index.html", "control.html", "graphiql.html"],
      // GraphiQL's compiled components carry a directive that means nothing to a browser.
      checks: { moduleLevelDirective: false },
    },
    chunkSizeWarningLimit: 1200,
  },
});
