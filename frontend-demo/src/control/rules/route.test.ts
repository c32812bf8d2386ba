import { expect, test } from "vitest";
import { lettersPath, searchOf, soughtOf, sourcePath, viewOf } from "./route";

test.each([
  ["/control", { view: "sources" }],
  ["/control/", { view: "sources" }],
  ["/control/quarantine", { view: "quarantine" }],
  ["/control/dead-letters/", { view: "letters" }],
  ["/control/sources/erp", { view: "source", name: "erp" }],
  ["/control/sources/%E0%A4%A", { view: "sources" }],
  ["/control/anything", { view: "sources" }],
])("%s is %o", (path, view) => {
  expect(viewOf(path)).toEqual(view);
});

test("a source keeps its name in its address, whatever it is", () => {
  const name = "a/b c?&";
  expect(viewOf(sourcePath(name))).toEqual({ view: "source", name });
  expect(soughtOf(lettersPath(name).split("?")[1] ?? "")).toEqual({ source: name, state: "DEAD" });
});

test.each([
  [{ source: "", state: "DEAD" }, "/control/dead-letters"],
  [{ source: "erp", state: "APPLIED" }, "/control/dead-letters?source=erp&state=APPLIED"],
])("what is sought outlives a reload: %o", (sought, path) => {
  expect(searchOf(sought)).toBe(path);
  expect(soughtOf(path.split("?")[1] ?? "")).toEqual(sought);
});
