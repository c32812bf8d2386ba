import { mergeConfig } from "vite";
import { defineConfig } from "vitest/config";

import viteConfig from "./vite.config";

/** Apart from Vite's own configuration, which also builds where no test tools are installed. */
export default mergeConfig(
  viteConfig,
  defineConfig({ test: { include: ["src/**/*.test.ts"] } }),
);
