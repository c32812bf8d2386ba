// Reads an AsyncAPI document with the parser of the AsyncAPI initiative; prints what it complains
// about, and what it has understood.
import { readFile } from "node:fs/promises";
import { Parser } from "@asyncapi/parser";

const [path] = process.argv.slice(2);
const { document, diagnostics } = await new Parser().parse(await readFile(path, "utf8"));
const told = {
  complaints: diagnostics.map(({ severity, message, path }) => ({
    severity,
    message,
    path: path.join("."),
  })),
  version: document?.version(),
  channels: Object.fromEntries(
    (document?.channels().all() ?? []).map((channel) => [
      channel.id(),
      channel.messages().all().map((message) => message.id()),
    ]),
  ),
  operations: (document?.operations().all() ?? []).map((operation) => operation.id()),
};
console.log(JSON.stringify(told));
