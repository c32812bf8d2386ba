import { parse } from "graphql";
import { expect, test } from "vitest";
import { exampleTabs } from "./examples";

test("every example is GraphQL, whatever an item number contains", () => {
  for (const { query } of exampleTabs(['A "quoted" one', "B-2"])) {
    expect(parse(query).definitions).toHaveLength(1);
  }
});

test("without items there is still something to fill in", () => {
  expect(exampleTabs([])[0]?.query).toContain('"SKU"');
});
